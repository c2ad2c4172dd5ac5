-- The people around one: who appeared at the same event (depth 1), who did with one of those (2), and again (3). Of those
-- that a level finds, the ones most strongly tied to the levels before are kept (by the number of events together, then by
-- id) until max_entities people are there. Edges: every pair among the people kept, the strongest max_edges of them, each
-- with at most 100 of its events. truncated: something was left out.
-- param: id uuid
-- param: depth int
-- param: max_entities int -- the one in the middle counts
-- param: max_edges int
-- index: event_speakers_speaker_idx, event_speakers_pkey
with subject as (
    select s.id, s.merged_into from speakers s where s.id = :id
), found_1 as materialized (
    select o.speaker_id as id, count(distinct o.event_id) as ties
    from event_speakers m
    join events e on e.id = m.event_id and e.processed_at is not null and e.merged_into is null
    join event_speakers o on o.event_id = m.event_id and o.speaker_id <> m.speaker_id
    where m.speaker_id = :id
    group by o.speaker_id
    order by ties desc, id
    limit :max_entities::int
), level_1 as materialized (
    select id from found_1 order by ties desc, id limit :max_entities::int - 1
), found_2 as materialized (
    select o.speaker_id as id, count(distinct (m.speaker_id, o.event_id)) as ties
    from level_1 l
    join event_speakers m on m.speaker_id = l.id
    join events e on e.id = m.event_id and e.processed_at is not null and e.merged_into is null
    join event_speakers o on o.event_id = m.event_id
    where :depth::int >= 2 and o.speaker_id <> :id and not exists (select from level_1 k where k.id = o.speaker_id)
    group by o.speaker_id
    order by ties desc, id
    limit :max_entities::int
), level_2 as materialized (
    select id from found_2 order by ties desc, id limit :max_entities::int - 1 - (select count(*) from level_1)
), found_3 as materialized (
    select o.speaker_id as id, count(distinct (m.speaker_id, o.event_id)) as ties
    from level_2 l
    join event_speakers m on m.speaker_id = l.id
    join events e on e.id = m.event_id and e.processed_at is not null and e.merged_into is null
    join event_speakers o on o.event_id = m.event_id
    where :depth::int >= 3 and o.speaker_id <> :id and not exists (select from level_1 k where k.id = o.speaker_id)
      and not exists (select from level_2 k where k.id = o.speaker_id)
    group by o.speaker_id
    order by ties desc, id
    limit :max_entities::int
), level_3 as materialized (
    select id from found_3 order by ties desc, id
    limit :max_entities::int - 1 - (select count(*) from level_1) - (select count(*) from level_2)
), kept as materialized (
    select id, 0 as depth from subject
    union all select id, 1 from level_1
    union all select id, 2 from level_2
    union all select id, 3 from level_3
), edges as materialized (
    select a.speaker_id as source, b.speaker_id as target, count(distinct e.id) as weight,
           min(e.date) as since, max(e.date) as until, array_agg(distinct e.id order by e.id) as evidence
    from kept k
    join event_speakers a on a.speaker_id = k.id
    join events e on e.id = a.event_id and e.processed_at is not null and e.merged_into is null
    join event_speakers b on b.event_id = a.event_id and b.speaker_id > a.speaker_id
    join kept l on l.id = b.speaker_id
    group by a.speaker_id, b.speaker_id
    order by weight desc, source, target
    limit :max_edges::int + 1
), shown as materialized (
    select * from edges order by weight desc, source, target limit :max_edges
), nodes as (
    select k.id, 'speaker' as type, s.name as label, s.company, k.depth,
           (select count(*) from shown e where e.source = k.id or e.target = k.id) as degree
    from kept k join speakers s on s.id = k.id
)
select s.id, :depth::int as depth,
       coalesce((select json_agg(row_to_json(n) order by n.depth, n.degree desc, n.id) from nodes n), '[]') as nodes,
       coalesce((select json_agg(json_build_object('source', e.source, 'target', e.target, 'type', 'appeared_with',
                                                   'weight', e.weight, 'since', e.since, 'until', e.until,
                                                   'evidence', e.evidence[1:100])
                                 order by e.weight desc, e.source, e.target) from shown e), '[]') as edges,
       (select count(*) from edges) > :max_edges or
       (select count(*) from found_1) > (select count(*) from level_1) or
       (select count(*) from found_2) > (select count(*) from level_2) or
       (select count(*) from found_3) > (select count(*) from level_3) as truncated,
       s.merged_into as _merged_into
from subject s
