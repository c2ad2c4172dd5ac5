-- Takes the next due job of a kind, if there is one, under a lease. An event whose last job of this kind still runs
-- waits for it. Workers that claim at once pass each other by (skip locked).
-- param: kind text
-- param: worker text -- who holds the lease
-- param: lease_ms bigint
-- index: jobs_claim_idx
update jobs j
set state = 'executing', attempt = j.attempt + 1, attempted_at = now(), attempted_by = :worker,
    lease_until = now() + make_interval(secs => :lease_ms / 1000.0)
from (
    select c.id from jobs c
    where c.kind = :kind and c.state in ('available', 'retryable') and c.scheduled_at <= now()
      and not exists (select from jobs r
                      where r.event_id = c.event_id and r.kind = c.kind and r.state = 'executing')
    order by c.priority, c.scheduled_at, c.id
    limit 1
    for update skip locked
) next
join jobs n on n.id = next.id
join events e on e.id = n.event_id
where j.id = next.id
returning j.id, j.event_id, j.attempt, j.max_attempts, j.force, j.request_id, e.luma_url as url
