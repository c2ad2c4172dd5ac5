-- Gives a failed job back, to be tried again after a delay. When another job with the same work waits already, that one
-- takes over.
-- param: id uuid
-- param: worker text
-- param: attempt int
-- param: delay_ms bigint
-- param: code text
-- param: detail text
update jobs j
set state = case when job_is_covered(j) then 'cancelled' else 'retryable' end,
    completed_at = case when job_is_covered(j) then now() end,
    lease_until = null, scheduled_at = now() + make_interval(secs => :delay_ms / 1000.0),
    error_code = :code, error_detail = :detail
where j.id = :id and j.state = 'executing' and j.attempted_by = :worker and j.attempt = :attempt
