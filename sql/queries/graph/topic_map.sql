-- Pairs of topics of the same events, most events together first. lift: how many times more often than if topics were
-- dealt out by chance; pmi: its logarithm to the base of 2.
-- param: topic text optional -- only pairs with the topic of this normalised name
-- param: min_weight int -- at least so many events together
-- param: cursor_1 int optional -- weight of the last pair seen
-- param: cursor_2 uuid optional -- its source
-- param: cursor_3 uuid optional -- its target
-- param: limit int
-- index: event_topics_pkey, event_topics_topic_idx
with
--? topic
subject as (
    select t.id from topics t where t.normalized_name = :topic
),
--.
visible as materialized (
    select et.event_id, et.topic_id
    from event_topics et
    join events e on e.id = et.event_id and e.processed_at is not null and e.merged_into is null
--? topic
    -- only what its pairs are made of
    where et.event_id in (select own.event_id from event_topics own where own.topic_id = (select id from subject))
--.
), everything as (
    select count(*)::float8 as events from events e where e.processed_at is not null and e.merged_into is null
), pairs as (
    select a.topic_id as source, b.topic_id as target, count(*) as weight
    from visible a join visible b on b.event_id = a.event_id
--? !topic
    where b.topic_id > a.topic_id
--.
--? topic
    where b.topic_id <> a.topic_id
      and a.topic_id = (select id from subject)
--.
    group by a.topic_id, b.topic_id
), page as (
    select * from pairs p
    where p.weight >= :min_weight
--? cursor_1
      and (-p.weight, p.source, p.target) > (-:cursor_1, :cursor_2, :cursor_3)
--.
    order by p.weight desc, p.source, p.target
    limit :limit
), counts as (
--? !topic
    select topic_id, count(*)::float8 as events from visible group by topic_id
--.
--? topic
    select x.topic_id, n.events
    from (select source as topic_id from page union select target from page) x
    cross join lateral (
        select count(*)::float8 as events
        from event_topics et
        join events e on e.id = et.event_id and e.processed_at is not null and e.merged_into is null
        where et.topic_id = x.topic_id) n
--.
), measured as (
    select p.*, a.events as source_events, b.events as target_events,
           p.weight * n.events / (a.events * b.events) as lift
    from page p
    join counts a on a.topic_id = p.source
    join counts b on b.topic_id = p.target
    cross join everything n
)
select json_build_object('id', a.id, 'type', 'topic', 'label', a.name, 'events', m.source_events::bigint) as source,
       json_build_object('id', b.id, 'type', 'topic', 'label', b.name, 'events', m.target_events::bigint) as target,
       m.weight, round(m.lift::numeric, 6)::float8 as lift, round((ln(m.lift) / ln(2))::numeric, 6)::float8 as pmi,
       json_build_array(m.weight::text, m.source, m.target) as _cursor
from measured m
join topics a on a.id = m.source
join topics b on b.id = m.target
order by m.weight desc, m.source, m.target
