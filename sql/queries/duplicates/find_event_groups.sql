-- Events with a key in common, one row a key that several have, in the order of the keys; one that was merged counts as
-- whom they were merged into. The first row tells where the next ones begin (next; null: at the end).
-- param: behind bigint -- only keys behind this one
-- param: limit int -- of keys' rows that are read
-- param: changed uuid[] optional -- only keys of these
-- index: event_keys_pkey, event_keys_event_idx
with page as materialized (
    select k.key, k.event_id as id from event_keys k
    where k.key > :behind
--? changed
      and k.key in (select o.key from event_keys o
                    where o.event_id in (select x.id from events x
                                          where x.id = any (:changed) or x.merged_into = any (:changed)))
--.
    order by k.key, k.event_id
    limit :limit
), bounds as (
    select count(*) as count, min(p.key) as first, max(p.key) as last from page p
), whole as (
    -- A key that the limit has cut through comes with the next rows, unless there is no other.
    select p.key, p.id, count(*) over (partition by p.key) as size
    from page p, bounds b where b.count < :limit or p.key < b.last or b.first = b.last
), groups as (
    select w.key, json_agg(distinct coalesce(x.merged_into, x.id)) as ids
    from whole w join events x on x.id = w.id
    where w.size > 1
    group by w.key
    having count(distinct coalesce(x.merged_into, x.id)) > 1
)
select case when b.count = :limit then (select max(w.key) from whole w) end as next, g.ids
from bounds b left join groups g on true
order by g.key
