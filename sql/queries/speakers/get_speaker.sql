-- One of the speakers: names, counts by role, when first and last seen.
-- param: id uuid
-- index: speakers_pkey, event_speakers_speaker_idx
with parts as (
    select l.event_id, l.role as kind, e.date
    from event_speakers l join events e on e.id = l.event_id
    where l.speaker_id = :id and e.processed_at is not null and e.merged_into is null
)
select json_build_object(
           'id', x.id, 'name', x.name, 'company', x.company, 'title', x.title, 'bio', x.bio, 'confidence_score', x.confidence_score,
           'companies', speaker_companies(x.id),
           'handles', (select coalesce(json_agg(json_build_object('kind', h.kind, 'value', h.value)
                                                order by h.kind, h.value), '[]')
                       from speaker_handles h where h.speaker_id = x.id),
           'aliases', (select coalesce(json_agg(a.name order by a.name), '[]') from speaker_aliases a where a.speaker_id = x.id),
           'events', (select count(distinct p.event_id) from parts p),
           'roles', (select coalesce(json_object_agg(r.kind, r.count order by r.kind), '{}')
                     from (select p.kind, count(*) as count from parts p group by p.kind) r),
           'first_seen', (select min(p.date) from parts p), 'last_seen', (select max(p.date) from parts p)) as _item,
       x.merged_into as _merged_into
from speakers x where x.id = :id
