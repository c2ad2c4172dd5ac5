-- Which events may be the same as one, each with a profile: those with keys in common, the ones with the weightiest first.
-- One that was merged is another listing of its survivor (target), and is compared as what it was. Left out is what was
-- decided already.
-- param: id uuid
-- param: keys jsonb -- [[key, weight]]
-- param: limit int
-- index: event_keys_pkey, events_pkey, duplicates_kind_a_b_key
with hits as (
    select f.event_id as id, sum((k ->> 1)::integer) as weight
    from jsonb_array_elements(:keys) k
    cross join lateral (select x.event_id from event_keys x where x.key = (k ->> 0)::bigint
                        order by x.event_id limit 400) f
    group by f.event_id
), weightiest as (
    select h.id, h.weight from hits h order by h.weight desc, h.id limit 2 * :limit
)
select t.id as target, json_build_object(
--+ events/_match_profile
       ) as profile
from weightiest w
join events e on e.id = w.id
join events t on t.id = coalesce(e.merged_into, e.id)
where t.id <> :id and t.processed_at is not null and e.processed_at is not null
  and not exists (select from duplicates d where d.kind = 'event' and d.a = least(t.id, :id) and d.b = greatest(t.id, :id)
                                                 and d.status <> 'pending')
order by w.weight desc, w.id
limit :limit
