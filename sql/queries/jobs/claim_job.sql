-- Takes the next due job of these kinds, if there is one, under a lease. What a running job of the same kind is at work
-- on waits for it. Workers that claim at once pass each other by (skip locked).
-- param: kinds text[]
-- param: worker text -- who holds the lease
-- param: lease_ms bigint
-- index: jobs_claim_idx
update jobs j
set state = 'executing', attempt = j.attempt + 1, attempted_at = now(), attempted_by = :worker,
    lease_until = now() + make_interval(secs => :lease_ms / 1000.0)
from (
    select c.id from jobs c
    where c.kind = any (:kinds) and c.state in ('available', 'retryable') and c.scheduled_at <= now()
      and not exists (select from jobs r
                      where r.kind = c.kind and r.state = 'executing'
                        and (r.event_id = c.event_id or (c.event_id is null and r.same_key = c.same_key)))
    order by c.priority, c.scheduled_at, c.id
    limit 1
    for update skip locked
) next
join jobs n on n.id = next.id
left join events e on e.id = n.event_id
where j.id = next.id
returning j.id, j.kind, j.event_id, j.attempt, j.max_attempts, j.force, j.request_id, j.args, e.luma_url as url
