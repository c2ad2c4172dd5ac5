-- Ends a job well; what else the transaction queues is its owners' (asking_users). No row is changed when another worker has taken it over: then the caller must roll back.
-- param: id uuid
-- param: worker text
-- param: attempt int
-- param: result json -- null: none
update jobs
set state = 'completed', completed_at = now(), lease_until = null, error_code = null, error_detail = null,
    result = :result, progress_done = coalesce(progress_total, progress_done)
where id = :id and state = 'executing' and attempted_by = :worker and attempt = :attempt
returning set_config('eventd.job', id::text, true) as _told
