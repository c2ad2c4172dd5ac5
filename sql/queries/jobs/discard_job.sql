-- Ends a job that failed for good.
-- param: id uuid
-- param: worker text
-- param: attempt int
-- param: code text
-- param: detail text
update jobs
set state = 'discarded', completed_at = now(), lease_until = null, error_code = :code, error_detail = :detail
where id = :id and state = 'executing' and attempted_by = :worker and attempt = :attempt
