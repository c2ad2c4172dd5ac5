-- Pairs of companies that are linked, the strongest link first: by events that both have to do with, or by
-- people who appeared at events of the one and of the other (by_speakers; an event of both counts). evidence: the ids of
-- those events or people. With a company only its pairs (source is that company then).
-- param: by_speakers flag optional
-- param: company uuid optional
-- param: min_weight int -- at least so many events or people
-- param: cursor_1 int optional -- weight of the last pair seen
-- param: cursor_2 uuid optional -- its source
-- param: cursor_3 uuid optional -- its target
-- param: limit int
-- index: event_companies_pkey, event_companies_company_idx, event_speakers_pkey
with
--? company
subject as (
    select coalesce(c.merged_into, c.id) as id from companies c where c.id = :company
),
--.
visible as materialized (
    select distinct ec.company_id, ec.event_id, e.date
    from event_companies ec
    join events e on e.id = ec.event_id and e.processed_at is not null and e.merged_into is null
--? company !by_speakers
    -- only what its pairs are made of
    where ec.event_id in (select own.event_id from event_companies own where own.company_id = (select id from subject))
--.
--? company &by_speakers
    where ec.event_id in (
        select met.event_id
        from event_companies own
        join event_speakers there on there.event_id = own.event_id
        join event_speakers met on met.speaker_id = there.speaker_id
        where own.company_id = (select id from subject))
--.
--? by_speakers
), meetings as materialized (
    select v.company_id, es.speaker_id, min(v.date) as since, max(v.date) as until
    from visible v join event_speakers es on es.event_id = v.event_id
    group by v.company_id, es.speaker_id
--.
), pairs as (
--? !by_speakers
    select a.company_id as source, b.company_id as target, count(*) as weight,
           array_agg(a.event_id order by a.event_id) as evidence, min(a.date) as since, max(a.date) as until
    from visible a join visible b on b.event_id = a.event_id
--.
--? by_speakers
    select a.company_id as source, b.company_id as target, count(*) as weight,
           array_agg(a.speaker_id order by a.speaker_id) as evidence,
           min(least(a.since, b.since)) as since, max(greatest(a.until, b.until)) as until
    from meetings a join meetings b on b.speaker_id = a.speaker_id
--.
--? !company
    where b.company_id > a.company_id
--.
--? company
    where b.company_id <> a.company_id
      and a.company_id = (select id from subject)
--.
    group by a.company_id, b.company_id
), page as (
    select * from pairs p
    where p.weight >= :min_weight
--? cursor_1
      and (-p.weight, p.source, p.target) > (-:cursor_1, :cursor_2, :cursor_3)
--.
    order by p.weight desc, p.source, p.target
    limit :limit
)
select json_build_object('id', a.id, 'type', 'company', 'label', a.name) as source,
       json_build_object('id', b.id, 'type', 'company', 'label', b.name) as target,
       p.weight, p.since, p.until, p.evidence, p.source is not null as _present,
       json_build_array(p.weight::text, p.source, p.target) as _cursor
from (select :limit) asked
--? company
join companies subject on subject.id = :company
--.
left join page p on true
left join companies a on a.id = p.source
left join companies b on b.id = p.target
order by p.weight desc, p.source, p.target
