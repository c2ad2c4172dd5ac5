-- People with a key in common, one row a key that several have, in the order of the keys; who was merged counts as
-- whom they were merged into. The first row tells where the next ones begin (next; null: at the end).
-- param: behind bigint -- only keys behind this one
-- param: changed uuid[] optional -- only keys of these
-- index: speaker_keys_pkey, speaker_keys_speaker_idx
--? changed
with changed as materialized (
    -- Their spellings' rows have keys of their own.
    select x.id from speakers x where x.id = any (:changed)
    union
    select x.id from speakers x where x.merged_into = any (:changed)
), wanted as materialized (
    select distinct o.key
    from changed c cross join lateral (select k.key from speaker_keys k where k.speaker_id = c.id offset 0) o
    where o.key > :behind
), page as materialized (
    -- Key by key: a join would be planned as if they were most of all keys.
    select o.key, o.id
    from wanted w cross join lateral (select k.key, k.speaker_id as id from speaker_keys k where k.key = w.key
                                   order by k.speaker_id limit :limit) o
    order by o.key, o.id
    limit :limit
--.
--? !changed
with page as materialized (
    select k.key, k.speaker_id as id from speaker_keys k where k.key > :behind order by k.key, k.speaker_id limit :limit
--.
--+ duplicates/_whole_keys
), groups as (
    select w.key, json_agg(distinct coalesce(x.merged_into, x.id)) as ids
    from whole w join speakers x on x.id = w.id
    where w.size > 1
    group by w.key
    having count(distinct coalesce(x.merged_into, x.id)) > 1
)
select case when b.count = :limit then (select max(w.key) from whole w) end as next, g.ids
from bounds b left join groups g on true
order by g.key
