-- Gives a failed job back, to be tried again after a delay. When another job with the same work waits already, that one
-- takes over; when its end was asked for while it ran, it ends here. Row: the latter.
-- param: id uuid
-- param: worker text
-- param: attempt int
-- param: delay_ms bigint
-- param: code text
-- param: detail text
update jobs j
set state = case when j.cancel_requested or job_is_covered(j) then 'cancelled' else 'retryable' end,
    completed_at = case when j.cancel_requested or job_is_covered(j) then now() end,
    lease_until = null, scheduled_at = now() + make_interval(secs => :delay_ms / 1000.0),
    error_code = case when j.cancel_requested then 'cancelled' else :code end,
    error_detail = case when j.cancel_requested then null else :detail end
where j.id = :id and j.state = 'executing' and j.attempted_by = :worker and j.attempt = :attempt
returning j.cancel_requested as is_cancelled
