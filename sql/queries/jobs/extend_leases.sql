-- Heartbeat: the jobs that workers of this process have under way stay theirs. One that is locked is just being ended, and
-- nobody takes that one; waiting for it would hold up the others.
-- param: jobs uuid[]
-- param: workers text[]
-- param: lease_ms bigint
-- index: jobs_pkey
update jobs j set lease_until = now() + make_interval(secs => :lease_ms / 1000.0)
from (select x.id from jobs x
      where x.state = 'executing' and x.id = any (:jobs) and x.attempted_by = any (:workers) and x.lease_until is not null
      order by x.id for update skip locked) mine
where j.id = mine.id
