-- Heartbeat: the jobs that workers of this process have under way stay theirs.
-- param: jobs uuid[]
-- param: workers text[]
-- param: lease_ms bigint
-- index: jobs_pkey
update jobs set lease_until = now() + make_interval(secs => :lease_ms / 1000.0)
where state = 'executing' and id = any (:jobs) and attempted_by = any (:workers) and lease_until is not null
