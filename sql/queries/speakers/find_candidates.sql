-- Who may be meant by the names of a page, each with a profile: those with keys in common, the ones with the weightiest
-- first; who has the very name; and whom the page was said to mean by it when it was read before (is_known). Of a key that
-- thousands have only some are looked at: those whom it is about have others in common.
-- param: event_id uuid
-- param: asked jsonb -- [{position, normalized_name, keys: [[key, weight]]}]
-- param: limit int -- of each name
-- index: speaker_keys_pkey, event_speakers_pkey, speakers_pkey, speakers_normalized_name_idx
with asked as materialized (
    select * from jsonb_to_recordset(:asked) as a (position integer, normalized_name text, keys jsonb)
), hits as (
    select a.position, f.speaker_id as id, sum((k ->> 1)::integer) as weight, false as is_known
    from asked a
    cross join lateral jsonb_array_elements(a.keys) k
    cross join lateral (select x.speaker_id from speaker_keys x where x.key = (k ->> 0)::bigint
                        order by x.speaker_id limit 200) f
    group by a.position, f.speaker_id
), weightiest as (
    select * from (
        select h.*, row_number() over (partition by h.position order by h.weight desc, h.id) as n from hits h) r
    where r.n <= 2 * :limit
), known as (
    select a.position, l.speaker_id as id, 0::bigint as weight, true as is_known
    from event_speakers l
    join speakers s on s.id = coalesce(l.known_as, l.speaker_id)
    join asked a on a.normalized_name = s.normalized_name
    where l.event_id = :event_id
), named as (
    select a.position, n.id, 1::bigint as weight, false as is_known
    from asked a
    cross join lateral (select x.id from speakers x where x.normalized_name = a.normalized_name
                        order by x.created_at, x.id limit 20) n
), living as (
    -- Each by its id: a join would be planned for many more than a page names.
    select h.position, w.id, max(h.weight) as weight, bool_or(h.is_known) as is_known
    from (select position, id, weight, is_known from weightiest union all select * from known union all select * from named) h
    cross join lateral (select coalesce(x.merged_into, x.id) as id from speakers x where x.id = h.id offset 0) w
    group by 1, 2
), ranked as (
    select * from (
        select l.*, row_number() over (partition by l.position order by l.is_known desc, l.weight desc, l.id) as n from living l) r
    where r.n <= :limit
)
select r.position, r.is_known, s.normalized_name = a.normalized_name as is_named,
       -- What was known of the one who had the name before the two were one.
       (select json_build_object('name', x.name, 'company', x.company, 'title', x.title, 'bio', left(x.bio, 2000))
        from speakers x where x.merged_into = s.id and x.normalized_name = a.normalized_name
        order by x.created_at, x.id limit 1) as spelling,
--+ speakers/_people
       , json_build_object(
--+ speakers/_profile
       ) as profile
from ranked r join asked a using (position) join speakers s on s.id = r.id
order by r.position, r.n
