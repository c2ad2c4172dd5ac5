-- People for an event: who speaks about such things (fit), reaches many (reach), was not just there (novelty), and is
-- seen in its city (place); without those who are on it already. The formulas stand in
-- docs/decisions/0015-recommendations.md. No row: there is no such event. Of up to 3000 events everybody is scored; of
-- more the 500 best by topic, who was at the 100 nearest events, the 300 most frequent at the latest 10,000
-- events and the 200 in its city. Whoever is scored is scored by all of their events.
-- param: event_id uuid
-- param: limit int
-- index: event_topics_topic_idx, event_speakers_speaker_idx, events_date_idx, events_place_idx, events_embedding_idx
with subject as materialized (
    select e.id, e.merged_into, e.embedding, e.embedding_model, fold_text(e.city) as city, e.city as city_name, e.country,
           e.is_online, e.series, coalesce(e.date, (now() at time zone 'UTC')::date) as day
    from events e where e.id = :event_id
), subject_topics as materialized (
    select et.topic_id, t.name, et.relevance_score::float8 as relevance,
           (et.relevance_score / nullif(sum(et.relevance_score) over (), 0))::float8 as share
    from event_topics et join topics t on t.id = et.topic_id where et.event_id = :event_id
), subject_hosts as materialized (
    select es.speaker_id as id from event_speakers es where es.event_id = :event_id and es.role = 'host'
    union
    select ec.company_id from event_companies ec where ec.event_id = :event_id and ec.relationship_type = 'host'
), latest as materialized (
    select e.id from events e
    where e.processed_at is not null and e.merged_into is null and e.id <> :event_id
    order by coalesce(e.date, '-infinity'::date) desc, e.id desc limit 10000
), few as materialized (
    select count(*) <= 3000 as is_all from latest
), chosen as materialized (
    select es.speaker_id from few f, latest l
    cross join lateral (select x.speaker_id from event_speakers x where x.event_id = l.id offset 0) es where f.is_all
    union
    -- as by_topic values them
    (select n.speaker_id
     from (select es.speaker_id, st.share, count(distinct es.event_id) as events
           from few f
           cross join subject_topics st
           join event_topics et on et.topic_id = st.topic_id and et.event_id <> :event_id
           cross join lateral (select x.event_id, x.speaker_id from event_speakers x where x.event_id = et.event_id offset 0) es
           where not f.is_all group by es.speaker_id, st.topic_id, st.share) n
     group by n.speaker_id
     order by sum(n.share * (1 - power(0.5, least(n.events, 1000)))) desc, n.speaker_id limit 500)
    union
    select es.speaker_id
    from few f, subject s
    cross join lateral (select e.id from events e
                        where not f.is_all and s.embedding is not null and e.embedding is not null
                        order by e.embedding <=> s.embedding limit 100) n
    cross join lateral (select x.speaker_id from event_speakers x where x.event_id = n.id offset 0) es
    union
    (select es.speaker_id from few f, latest l
     cross join lateral (select x.speaker_id from event_speakers x where x.event_id = l.id offset 0) es
     where not f.is_all group by es.speaker_id order by count(*) desc, es.speaker_id limit 300)
    union
    (select es.speaker_id
     from few f, subject s
     cross join lateral (select e.id from events e
                         where not f.is_all and e.place_keys && array[s.city] and fold_text(e.city) = s.city
                         order by coalesce(e.date, '-infinity'::date) desc, e.id desc limit 3000) l
     cross join lateral (select x.speaker_id from event_speakers x where x.event_id = l.id offset 0) es
     group by es.speaker_id order by count(*) desc, es.speaker_id limit 200)
), appearances as materialized (
    -- offset 0: looked up one by one, however many the planner takes them for
    select c.speaker_id, es.event_id
    from chosen c
    cross join lateral (select distinct x.event_id from event_speakers x where x.speaker_id = c.speaker_id offset 0) es
    cross join lateral (select from events e where e.id = es.event_id and e.id <> :event_id
                                               and e.processed_at is not null and e.merged_into is null offset 0) e
    where c.speaker_id <> all (array(select p.speaker_id from event_speakers p where p.event_id = :event_id))
), others as materialized (
    select e.id, e.name, e.date, e.city, fold_text(e.city) as city_key, e.country,
           case when e.embedding_model = s.embedding_model then likeness(e.embedding, s.embedding) else 0 end as likeness,
           e.date between s.day - 365 and s.day + 365
           and (e.series = s.series
                or exists (select from event_speakers h where h.event_id = e.id and h.role = 'host' and h.speaker_id in (select id from subject_hosts))
                or exists (select from event_companies h where h.event_id = e.id and h.relationship_type = 'host'
                           and h.company_id in (select id from subject_hosts))) as is_near
    from subject s
    cross join (select distinct event_id from appearances) a
    cross join lateral (select * from events x where x.id = a.event_id offset 0) e
), by_topic as (
    select n.speaker_id, sum(st.share * (1 - power(0.5, least(n.events, 1000)))) as value,
           json_agg(json_build_object('type', 'topic', 'text', format('Appeared at %s about %s', counted(n.events, 'event', 'events'), st.name),
                                      'data', json_build_object('id', st.topic_id, 'name', st.name, 'events', n.events,
                                                                'event_ids', n.ids[1:5]))
                    order by st.share * (1 - power(0.5, least(n.events, 1000))) desc, st.name) as reasons
    from (select a.speaker_id, et.topic_id, count(*) as events, array_agg(a.event_id order by o.date desc nulls last, a.event_id) as ids
          from appearances a join others o on o.id = a.event_id join event_topics et on et.event_id = a.event_id
          where et.topic_id in (select topic_id from subject_topics)
          group by a.speaker_id, et.topic_id) n
    join subject_topics st on st.topic_id = n.topic_id
    group by n.speaker_id
), profile as (
    select a.speaker_id, count(*) as events, count(distinct o.city_key) as cities, max(o.likeness) as likeness,
           (array_agg(o.id order by o.likeness desc, o.id))[1] as nearest_id,
           (array_agg(o.name order by o.likeness desc, o.id))[1] as nearest_name,
           count(*) filter (where o.is_near) as near_events,
           (array_agg(o.id order by o.date desc nulls last, o.id) filter (where o.is_near))[1:5] as near_ids,
           (array_agg(o.id order by o.date desc nulls last, o.id))[1:5] as event_ids,
           (array_agg(o.id order by o.date desc nulls last, o.id) filter (where o.city_key = s.city))[1:5] as city_ids,
           (array_agg(o.id order by o.date desc nulls last, o.id) filter (where o.country = s.country))[1:5] as country_ids
    from appearances a join others o on o.id = a.event_id, subject s
    group by a.speaker_id
), connected as (
    select a.speaker_id, count(distinct es.speaker_id) as people
    from appearances a
    cross join lateral (select x.speaker_id from event_speakers x where x.event_id = a.event_id offset 0) es
    where es.speaker_id <> a.speaker_id
    group by a.speaker_id
), valued as (
    select p.*, coalesce(c.people, 0) as people, t.reasons as topic_reasons,
           0.6 * coalesce(t.value, 0) + 0.4 * p.likeness as fit,
           (saturate(p.events, 5) + saturate(p.cities, 3) + saturate(coalesce(c.people, 0), 20)) / 3 as reach,
           1.0 / (1 + p.near_events) as novelty,
           case when p.city_ids is not null then 1.0 when p.country_ids is not null then 0.5 else 0 end as place
    from profile p left join by_topic t using (speaker_id) left join connected c using (speaker_id)
), scored as (
    select v.speaker_id, s.score, s.parts
    from valued v
    cross join lateral (
        select sum(round((p.weight * p.value)::numeric, 6)) as score,
               json_agg(json_build_object('name', p.name, 'weight', p.weight, 'value', round(p.value::numeric, 6),
                                          'points', round((p.weight * p.value)::numeric, 6)) order by p.number) as parts
        from (values (1, 'fit', 0.50, v.fit), (2, 'reach', 0.25, v.reach), (3, 'novelty', 0.15, v.novelty),
                     (4, 'place', 0.10, v.place)) p(number, name, weight, value)
    ) s
    order by s.score desc, v.speaker_id
    limit :limit
)
select p.id, p.name, p.company, p.title, s.score, s.parts,
       (select json_agg(x.reason order by x.number, x.position) from (
            select 1 as number, r.position, r.reason
            from json_array_elements(v.topic_reasons) with ordinality r(reason, position) where r.position <= 3
            union all
            select 2, 1, json_build_object('type', 'meaning', 'text', format('Appeared at %s, whose text is close to this event''s', v.nearest_name),
                                            'data', json_build_object('similarity', round(v.likeness::numeric, 6), 'event_ids', array[v.nearest_id]))
            where v.likeness >= 0.05
            union all
            select 3, 1, json_build_object('type', 'reach', 'text',
                                            format('%s in %s, with %s', counted(v.events, 'appearance', 'appearances'),
                                                   counted(v.cities, 'city', 'cities'), counted(v.people, 'other person', 'other people')),
                                            'data', json_build_object('events', v.events, 'cities', v.cities, 'people', v.people,
                                                                      'event_ids', v.event_ids))
            union all
            select 4, 1, json_build_object('type', 'novelty', 'text',
                                            case v.near_events when 0 then 'New to this series and its hosts'
                                            else format('Was at %s of this series or its hosts within a year', counted(v.near_events, 'event', 'events')) end,
                                            'data', json_build_object('events', v.near_events, 'event_ids', coalesce(v.near_ids, '{}')))
            union all
            select 5, 1, json_build_object('type', 'place', 'text',
                                            case when v.city_ids is not null then format('Has appeared in %s', e.city_name)
                                            else format('Has appeared in the same country (%s)', e.country) end,
                                            'data', json_build_object('city', e.city_name, 'country', e.country,
                                                                      'event_ids', coalesce(v.city_ids, v.country_ids)))
            where v.place > 0) x) as reasons,
       p.id is not null as _present, e.merged_into as _merged_into
from subject e
left join (scored s join valued v on v.speaker_id = s.speaker_id join speakers p on p.id = s.speaker_id) on true
order by s.score desc, s.speaker_id
