-- Pairs of people who appeared at the same event, in whatever roles, those with most events together first; with a speaker
-- only theirs (source is that speaker then; one that was merged stands for its survivor).
-- param: speaker uuid optional
-- param: min_weight int -- at least so many events together
-- param: cursor_1 int optional -- events together of the last pair seen
-- param: cursor_2 uuid optional -- its source
-- param: cursor_3 uuid optional -- its target
-- param: limit int
-- index: event_speakers_pkey, event_speakers_speaker_idx
with pairs as (
    select a.speaker_id as source, b.speaker_id as target,
           count(distinct e.id) as weight, array_agg(distinct e.id order by e.id) as evidence,
           min(e.date) as since, max(e.date) as until
    from event_speakers a
    join events e on e.id = a.event_id and e.processed_at is not null and e.merged_into is null
--? !speaker
    join event_speakers b on b.event_id = a.event_id and b.speaker_id > a.speaker_id
--.
--? speaker
    join event_speakers b on b.event_id = a.event_id and b.speaker_id <> a.speaker_id
    where a.speaker_id = (select coalesce(s.merged_into, s.id) from speakers s where s.id = :speaker)
--.
    group by a.speaker_id, b.speaker_id
), page as (
    select * from pairs p
    where p.weight >= :min_weight
--? cursor_1
      and (-p.weight, p.source, p.target) > (-:cursor_1, :cursor_2, :cursor_3)
--.
    order by p.weight desc, p.source, p.target
    limit :limit
)
select json_build_object('id', a.id, 'type', 'speaker', 'label', a.name) as source,
       json_build_object('id', b.id, 'type', 'speaker', 'label', b.name) as target,
       p.weight, p.since, p.until, p.evidence, p.source is not null as _present,
       json_build_array(p.weight::text, p.source, p.target) as _cursor
from (select :limit) asked
--? speaker
join speakers subject on subject.id = :speaker
--.
left join page p on true
left join speakers a on a.id = p.source
left join speakers b on b.id = p.target
order by p.weight desc, p.source, p.target
