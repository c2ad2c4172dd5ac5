-- What somebody who types a name may mean: events, people, companies and topics with the number of events that each
-- leads to. First whole names, then beginnings of names, then of words in them, then near misses, which are only looked
-- for when the others do not fill the list; among equals the kinds take turns, those with more events first. Events of
-- one name are one suggestion, the latest of them. However many names match, 100 of a kind and a way are looked at,
-- and no more than 1,000 events counted.
-- param: q text
-- param: kind text[]
-- param: limit int
-- index: events_name_key_idx, events_name_trigram_idx, speakers_beginning_idx, speakers_name_trigram_idx,
-- index: companies_beginning_idx, companies_name_trigram_idx, topics_beginning_idx, speaker_aliases_beginning_idx,
-- index: speaker_aliases_trigram_idx, company_aliases_beginning_idx, company_aliases_trigram_idx
with asked as materialized (
    select k.kind, name_key(:q) as key from unnest(:kind) k(kind) where name_key(:q) <> ''
), spelled as materialized (
    select a.kind, n.id, n.key, case when n.key = a.key then 0 else 1 end as tier
    from asked a cross join lateral (
        select n.id, n.key from known_names n
        where n.kind = a.kind and n.is_shown and n.key ~>=~ a.key and n.key ~<~ (a.key || chr(1114111))
        order by n.key using ~<~ limit 100) n
    union all
    select a.kind, n.id, n.key, 2
    from asked a cross join lateral (
        select n.id, n.key from known_names n
        where n.kind = a.kind and n.is_shown and length(a.key) >= 2 and n.key like '% ' || a.key || '%' limit 100) n
), near as materialized (
    select a.kind, n.id, n.key, word_similarity(a.key, n.key) as closeness
    from asked a cross join lateral (
        select n.id, n.key from known_names n
        where n.kind = a.kind and n.is_shown and length(a.key) >= 3 and a.key <% n.key limit 100) n
    where (select count(distinct (s.kind, s.id)) from spelled s) < :limit
    union all
    select a.kind, n.id, n.key, 1 - 1.0 / length(a.key)
    from asked a cross join lateral unnest(near_keys(a.key)) v(key) cross join lateral (
        select n.id, n.key from known_names n
        where n.kind = a.kind and n.is_shown and n.key ~>=~ v.key and n.key ~<~ (v.key || chr(1114111))
        order by n.key using ~<~ limit 20) n
    where length(a.key) between 3 and 40 and (select count(distinct (s.kind, s.id)) from spelled s) < :limit
), matched as (
    -- Of events one for each name.
    select m.kind, min(m.id::text)::uuid as id, min(m.tier) as tier, max(m.closeness) as closeness
    from (select s.kind, s.id, s.key, s.tier, 1 as closeness from spelled s
          union all select n.kind, n.id, n.key, 3, n.closeness from near n) m
    group by m.kind, case m.kind when 'event' then m.key else m.id::text end
), found as (
    select m.kind, x.id, x.name, x.count, m.tier, m.closeness
    from matched m cross join lateral (
        select s.id, s.name, (
            select count(*) from (
                select distinct l.event_id from event_speakers l join events e on e.id = l.event_id
                where l.speaker_id = s.id and e.processed_at is not null and e.merged_into is null limit 1000) c) as count
        from speakers s where m.kind = 'speaker' and s.id = m.id and s.merged_into is null
        union all
        select c.id, c.name, (
            select count(*) from (
                select distinct l.event_id from event_companies l join events e on e.id = l.event_id
                where l.company_id = c.id and e.processed_at is not null and e.merged_into is null limit 1000) c)
        from companies c where m.kind = 'company' and c.id = m.id and c.merged_into is null
        union all
        select t.id, t.name, (
            select count(*) from (
                select from event_topics l join events e on e.id = l.event_id
                where l.topic_id = t.id and e.processed_at is not null and e.merged_into is null limit 1000) c)
        from topics t where m.kind = 'topic' and t.id = m.id
        union all
        (select l.id, l.name, count(*) over ()
         from (select o.id, o.name, o.date from events e join events o on name_key(o.name) = name_key(e.name)
               where m.kind = 'event' and e.id = m.id and o.processed_at is not null and o.merged_into is null
               limit 1000) l
         order by l.date desc nulls last, l.id limit 1)) x
    where x.count > 0
), placed as (
    select f.*, row_number() over (partition by f.tier, f.kind order by f.closeness desc, f.count desc, f.name, f.id) as place
    from found f
)
select p.kind, p.id, p.name, p.count, (array['exact', 'prefix', 'word', 'near'])[p.tier + 1] as match
from placed p
order by p.tier, p.place, p.closeness desc, p.count desc, p.name, p.kind, p.id
limit :limit
