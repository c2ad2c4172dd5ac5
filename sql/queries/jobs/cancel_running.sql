-- Ends a job whose end was asked for while it ran.
-- param: id uuid
-- param: worker text
-- param: attempt int
update jobs
set state = 'cancelled', completed_at = now(), lease_until = null, error_code = 'cancelled', error_detail = null
where id = :id and state = 'executing' and attempted_by = :worker and attempt = :attempt
