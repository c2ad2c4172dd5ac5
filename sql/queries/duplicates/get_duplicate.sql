-- A pair side by side, with the reasons, and what merging the two would make of them (docs/decisions/0018-merges.md): who
-- stays, what both know together, and which links move. preview is null when one of the two is gone or merged by now.
-- param: id uuid
-- index: duplicates_pkey, event_speakers_speaker_idx, event_companies_company_idx, event_sources_event_idx
with pair as (
    select d.*, choose_survivor(d.kind, d.a, d.b) as chosen from duplicates d where d.id = :id
), sides as (
    select p.kind, s.side, s.id from pair p cross join lateral (values ('a', p.a), ('b', p.b)) s (side, id)
), links as (
    select s.side, l.event_id, l.role as part
    from sides s join event_speakers l on s.kind = 'speaker' and l.speaker_id = s.id
    union all
    select s.side, l.event_id, l.relationship_type
    from sides s join event_companies l on s.kind = 'company' and l.company_id = s.id
), latest as (
    select side, json_agg(json_build_object('id', id, 'name', name, 'date', date, 'parts', parts) order by n) as events,
           max(count) as count
    from (select l.side, e.id, e.name, e.date, json_agg(l.part order by l.part) as parts,
                 row_number() over (partition by l.side order by e.date desc nulls last, e.id) as n,
                 count(*) over (partition by l.side) as count
          from links l join events e on e.id = l.event_id
          group by l.side, e.id, e.name, e.date) r
    where r.n <= 20
    group by side
), told as (
    select s.side, x.merged_into, json_build_object(
               'id', x.id, 'name', x.name, 'merged_into', x.merged_into, 'company', x.company, 'title', x.title, 'bio', x.bio,
               'companies', speaker_companies(x.id),
               'handles', (select coalesce(json_agg(json_build_object('kind', h.kind, 'value', h.value) order by h.kind, h.value), '[]')
                           from speaker_handles h where h.speaker_id = x.id),
               'aliases', (select coalesce(json_agg(n.name order by n.name), '[]') from speaker_aliases n where n.speaker_id = x.id),
               'events', coalesce(l.count, 0), 'latest_events', coalesce(l.events, '[]')) as json
    from sides s join speakers x on s.kind = 'speaker' and x.id = s.id left join latest l using (side)
    union all
    select s.side, x.merged_into, json_build_object(
               'id', x.id, 'name', x.name, 'merged_into', x.merged_into, 'domain', x.domain, 'industry', x.industry,
               'aliases', (select coalesce(json_agg(n.name order by n.name), '[]') from company_aliases n where n.company_id = x.id),
               'events', coalesce(l.count, 0), 'latest_events', coalesce(l.events, '[]'))
    from sides s join companies x on s.kind = 'company' and x.id = s.id left join latest l using (side)
    union all
    select s.side, x.merged_into, json_build_object(
               'id', x.id, 'name', x.name, 'merged_into', x.merged_into, 'starts_at', iso_time(x.starts_at), 'date', x.date,
               'location', x.location, 'city', x.city, 'luma_url', x.luma_url,
               'sources', (select coalesce(json_agg(u.url order by u.url), '[]') from event_sources u where u.event_id = x.id),
               'speakers', (select count(distinct l.speaker_id) from event_speakers l where l.event_id = x.id),
               'companies', (select count(distinct l.company_id) from event_companies l where l.event_id = x.id))
    from sides s join events x on s.kind = 'event' and x.id = s.id
), roles as (
    -- The one that was read stays, of two events.
    select p.kind, case when p.kind = 'event' and k.processed_at is null and g.processed_at is not null then p.other else p.chosen end
               as survivor,
           case when p.kind = 'event' and k.processed_at is null and g.processed_at is not null then p.chosen else p.other end
               as loser
    from (select q.kind, q.chosen, case when q.chosen = q.a then q.b else q.a end as other from pair q) p
    left join events k on k.id = p.chosen left join events g on g.id = p.other
    where p.chosen is not null
), moved as (
    select l.event_id, l.role as part,
           exists (select from event_speakers o where o.speaker_id = r.survivor and o.event_id = l.event_id and o.role = l.role)
               as is_united
    from roles r join event_speakers l on r.kind = 'speaker' and l.speaker_id = r.loser
    union all
    select l.event_id, l.relationship_type,
           exists (select from event_companies o where o.company_id = r.survivor and o.event_id = l.event_id
                                                       and o.relationship_type = l.relationship_type)
    from roles r join event_companies l on r.kind = 'company' and l.company_id = r.loser
), results as (
    select json_build_object(
               'name', k.name, 'company', coalesce(k.company, g.company), 'title', coalesce(k.title, g.title),
               'bio', coalesce(k.bio, g.bio),
               'aliases', (select coalesce(json_agg(distinct n.name order by n.name), '[]') from speaker_aliases n
                           where n.speaker_id in (r.survivor, r.loser)),
               'handles', (select coalesce(json_agg(h order by h.kind, h.value), '[]')
                           from (select distinct h.kind, h.value from speaker_handles h
                                 where h.speaker_id in (r.survivor, r.loser)) h)) as json
    from roles r join speakers k on r.kind = 'speaker' and k.id = r.survivor join speakers g on g.id = r.loser
    union all
    select json_build_object(
               'name', k.name, 'domain', coalesce(k.domain, g.domain), 'industry', coalesce(k.industry, g.industry),
               'aliases', (select coalesce(json_agg(distinct n.name order by n.name), '[]') from company_aliases n
                           where n.company_id in (r.survivor, r.loser)))
    from roles r join companies k on r.kind = 'company' and k.id = r.survivor join companies g on g.id = r.loser
    union all
    select json_build_object(
               'name', k.name, 'sources', (select coalesce(json_agg(u.url order by u.url), '[]') from event_sources u
                                           where u.event_id in (r.survivor, r.loser)))
    from roles r join events k on r.kind = 'event' and k.id = r.survivor
)
select p.id, p.kind, p.status, p.score as probability, p.evidence, p.decided_by, p.decided_at, p.note, p.created_at,
       (select t.json from told t where t.side = 'a') as a, (select t.json from told t where t.side = 'b') as b,
       (select json_build_object(
                   'survivor', r.survivor, 'loser', r.loser, 'result', (select x.json from results x),
                   'links_moved', (select count(*) from moved m where not m.is_united),
                   'links_united', (select count(*) from moved m where m.is_united),
                   'events', (select coalesce(json_agg(json_build_object('id', e.id, 'name', e.name, 'date', e.date)
                                                       order by e.date desc nulls last, e.id), '[]')
                              from (select x.* from events x where x.id in (select m.event_id from moved m)
                                    order by x.date desc nulls last, x.id limit 20) e),
                   'pairs_moved', (select count(*) from duplicates o
                                   where o.kind = p.kind and o.status <> 'merged' and r.loser in (o.a, o.b)
                                     and r.survivor not in (o.a, o.b)))
        from roles r) as preview
from pair p
