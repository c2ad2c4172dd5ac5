-- The candidates of a recommendation: the best 200 by score, those that are still ahead before those that are over,
-- each with the parts of its score, the reasons, and what the choice for diversity compares. The formulas stand in
-- docs/decisions/0015-recommendations.md.
-- param: user_interests text[] -- keys or ids of topics, as the filter topics takes them; may be null
-- param: interests_embedding vector -- of the interests' text; null without
-- param: model text -- of that embedding: others are not compared
-- param: speakers text[] -- keys or ids of people who are followed; may be null
-- param: like uuid[] -- events of the past that were liked; may be null
-- param: as_of timestamptz -- the present; null: now
-- index: events_place_idx, event_topics_topic_idx, event_speakers_speaker_idx
with asked as materialized (
    select coalesce(:as_of, now()) as at
), wanted as materialized (
    select w.name, topic_ids(array[w.name]) as ids
    from (select distinct unnest(coalesce(:user_interests, '{}')) as name) w
), liked as materialized (
    select distinct on (e.id) e.id, e.name, e.embedding, e.embedding_model, fold_text(e.city) as city
    from events l join events e on e.id = coalesce(l.merged_into, l.id)
    where l.id = any (:like) and e.processed_at is not null
), taste as materialized (
    select avg(l.embedding) as embedding from liked l where l.embedding_model = :model
), liked_topics as materialized (
    select et.topic_id, count(*) as events,
           (sum(et.relevance_score) / nullif(sum(sum(et.relevance_score)) over (), 0))::float8 as share
    from liked l join event_topics et on et.event_id = l.id
    group by et.topic_id
), liked_cities as materialized (
    select l.city, count(*) as events, count(*)::float8 / (select count(*) from liked) as share
    from liked l where l.city is not null group by l.city
), followed as materialized (
    select f.id, bool_or(f.is_named) as is_named, max(f.seen_at) as seen_at
    from (select unnest(speaker_ids(s.name)) as id, true as is_named, null::text as seen_at
          from unnest(coalesce(:speakers, '{}')) s(name)
          union all
          select es.speaker_id, false, l.name from liked l join event_speakers es on es.event_id = l.id) f
    group by f.id
), popular as materialized (
    select et.topic_id, count(*) as events, count(*)::float8 / max(count(*)) over () as share
    from asked a
    join events e on e.date between (a.at at time zone 'UTC')::date - 90 and (a.at at time zone 'UTC')::date + 90
    join event_topics et on et.event_id = e.id
    where e.processed_at is not null and e.merged_into is null and e.status = 'scheduled'
    group by et.topic_id
), candidates as (
    select e.id, e.name, e.date, e.starts_at, e.city, e.location, e.is_online, e.guest_count, e.data_quality_score, e.list_item,
           event_is_ahead(e.date, e.starts_at, e.ends_at, e.timezone, a.at) as is_ahead,
           days_apart(e.date, e.starts_at, a.at) as days,
           case when e.embedding_model = :model then likeness(e.embedding, :interests_embedding) else 0 end as meaning,
           case when e.embedding_model = :model then likeness(e.embedding, (select embedding from taste)) else 0 end as taste,
--? near
           distance_km(e.latitude, e.longitude, (:near)[1], (:near)[2]) as km,
--.
--? !near
           null::float8 as km,
--.
           (select c.share from liked_cities c where c.city = fold_text(e.city)) as city_share,
--? location
           true as is_in_place
--.
--? !location
           false as is_in_place
--.
    from asked a, events e
    where not exists (select from liked l where l.id = e.id)
--? !status
      and e.status = 'scheduled'
--.
--+ events/_filters
), valued as (
    select c.*,
           -- noisy or: each interest that is met takes away a part of what is missing
           coalesce((select 1 - exp(greatest(-700, coalesce(sum(ln(1 - 0.6 * least(1, greatest(0, m.relevance)))), 0)))
                     from (select max(et.relevance_score)::float8 as relevance
                           from event_topics et join wanted w on et.topic_id = any (w.ids)
                           where et.event_id = c.id group by w.name) m), 0) as topics_value,
           least(1, coalesce((select sum(lt.share) from event_topics et join liked_topics lt on lt.topic_id = et.topic_id
                              where et.event_id = c.id), 0)) as liked_topics_value,
           greatest(coalesce(c.city_share, 0), c.is_in_place::int
--? near
                    , greatest(0, 1 - coalesce(c.km / nullif(:radius_km, 0), 1))
--.
           ) as place_value,
           1 - power(0.5, (select least(count(distinct es.speaker_id), 1000) from event_speakers es join followed f on f.id = es.speaker_id
                           where es.event_id = c.id)) as people_value,
           least(1, ln(1 + greatest(coalesce(c.guest_count, 0), 0)::float8) / ln(1001)) as guests_value,
           coalesce((select max(p.share) from event_topics et join popular p on p.topic_id = et.topic_id
                     where et.event_id = c.id), 0) as popular_value
    from candidates c
), scored as (
    select v.id, v.is_ahead, s.score, s.parts
    from valued v
    cross join lateral (
        select sum(round((p.weight * p.value)::numeric, 6)) as score,
               json_agg(json_build_object('name', p.name, 'weight', p.weight, 'value', round(p.value::numeric, 6),
                                          'points', round((p.weight * p.value)::numeric, 6)) order by p.number) as parts
        from (values (1, 'topics', 0.25, v.topics_value),
                     (2, 'meaning', 0.10, v.meaning),
                     (3, 'history', 0.15, (v.taste + v.liked_topics_value) / 2),
                     (4, 'place', 0.10, v.place_value),
                     (5, 'people', 0.10, v.people_value),
                     (6, 'popularity', 0.10, (v.guests_value + v.popular_value) / 2),
                     (7, 'quality', 0.08, v.data_quality_score / 100.0),
                     (8, 'freshness', 0.12, coalesce(power(0.5, least(v.days / 30, 1000)), 0))) p(number, name, weight, value)
    ) s
    order by v.is_ahead desc, s.score desc, v.id
    limit 200
)
select coalesce(v.list_item, '{}') as _item, s.score, s.is_ahead as is_upcoming, s.parts, coalesce(r.reasons, '[]'::json) as reasons, s.score::float8 as _score,
       s.is_ahead as _is_ahead, v.id as _id, series_key(v.name) as _series,
       (select string_agg(et.topic_id::text, ' ' order by et.topic_id::text collate "C")
        from event_topics et where et.event_id = v.id) as _topics,
       (select string_agg(h.id::text, ' ' order by h.id::text collate "C")
        from (select es.speaker_id as id from event_speakers es where es.event_id = v.id and es.role = 'host'
              union
              select ec.company_id from event_companies ec
              where ec.event_id = v.id and ec.relationship_type = 'host') h) as _hosts
from scored s
join valued v on v.id = s.id
cross join lateral (
    select json_agg(json_build_object('type', x.type, 'text', x.text, 'data', x.data) order by x.number, x.text) as reasons
    from (
        select 1 as number, 'topic' as type, format('About %s, which you are interested in', t.name) as text,
               json_build_object('id', t.id, 'name', t.name, 'interest', w.name, 'relevance', et.relevance_score) as data
        from event_topics et join topics t on t.id = et.topic_id join wanted w on et.topic_id = any (w.ids)
        where et.event_id = v.id
        union all
        select 2, 'meaning', 'Its text is close to your interests', json_build_object('similarity', round(v.meaning::numeric, 6))
        where v.meaning >= 0.05
        union all
        select 3, 'history', format('About %s, like %s of the events you liked', t.name, lt.events),
               json_build_object('id', t.id, 'name', t.name, 'events', lt.events, 'share', round(lt.share::numeric, 6))
        from event_topics et join topics t on t.id = et.topic_id join liked_topics lt on lt.topic_id = t.id
        where et.event_id = v.id
        union all
        select 3, 'history', 'Its text is close to the events you liked', json_build_object('similarity', round(v.taste::numeric, 6))
        where v.taste >= 0.05
        union all
        select 4, 'place', case when v.is_in_place then format('In %s, where you asked', coalesce(v.city, v.location, 'this place'))
                                when v.km is not null then format('%s km from where you are', round(v.km::numeric, 1))
                                else format('In %s, like events you liked', v.city) end,
               json_build_object('city', v.city, 'km', round(v.km::numeric, 3), 'share', round(v.city_share::numeric, 6))
        where v.place_value > 0
        union all
        select 5, 'people', case when f.is_named then format('With %s, whom you follow', p.name)
                                 else format('With %s, whom you know from %s', p.name, f.seen_at) end,
               json_build_object('id', p.id, 'name', p.name, 'roles', json_agg(es.role order by es.role))
        from event_speakers es join followed f on f.id = es.speaker_id join speakers p on p.id = es.speaker_id
        where es.event_id = v.id group by p.id, p.name, f.is_named, f.seen_at
        union all
        select 6, 'popularity', format('%s going', case v.guest_count when 1 then '1 person is' else v.guest_count || ' people are' end), json_build_object('guests', v.guest_count)
        where v.guest_count > 0
        union all
        (select 6, 'popularity', format('%s is a popular topic these days', t.name),
                json_build_object('id', t.id, 'name', t.name, 'events', p.events, 'share', round(p.share::numeric, 6))
         from event_topics et join topics t on t.id = et.topic_id join popular p on p.topic_id = t.id
         where et.event_id = v.id and p.share >= 0.5 order by p.share desc, t.name limit 1)
        union all
        select 7, 'quality', format('Well described: quality %s of 100', v.data_quality_score),
               json_build_object('data_quality_score', v.data_quality_score)
        where v.data_quality_score >= 70
        union all
        select 8, 'freshness', case when not v.is_ahead then 'Took place ' || counted(round(v.days)::bigint, 'day', 'days') || ' ago'
                                    when v.days < 1 then 'Within a day'
                                    else 'In ' || counted(round(v.days)::bigint, 'day', 'days') end,
               json_build_object('date', v.date, 'days', round(v.days::numeric, 3))
        where v.days is not null
    ) x
) r
order by s.is_ahead desc, s.score desc, s.id
