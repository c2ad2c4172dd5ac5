-- Heartbeat: the jobs that workers of this process hold stay theirs.
-- param: workers text[]
-- param: lease_ms bigint
-- index: jobs_lease_idx
update jobs set lease_until = now() + make_interval(secs => :lease_ms / 1000.0)
where state = 'executing' and attempted_by = any (:workers) and lease_until is not null
