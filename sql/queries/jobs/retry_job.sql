-- Gives a failed job back, to be tried again after a delay. When another job of its kind waits for the event already,
-- that one takes over.
-- param: id uuid
-- param: worker text
-- param: attempt int
-- param: delay_ms bigint
-- param: code text
-- param: detail text
update jobs j
set state = case when exists (select from jobs w where w.event_id = j.event_id and w.kind = j.kind
                                                   and w.state in ('available', 'retryable'))
                 then 'cancelled' else 'retryable' end,
    lease_until = null, scheduled_at = now() + make_interval(secs => :delay_ms / 1000.0),
    error_code = :code, error_detail = :detail
where j.id = :id and j.state = 'executing' and j.attempted_by = :worker and j.attempt = :attempt
