-- Makes these the speakers of an event: new links are added, known ones updated, others removed. A link to one that the
-- page knows by the name of another, who was merged into it, remembers whose name it is.
-- param: event_id uuid
-- param: links jsonb -- [{id, normalized_name, role, confidence, evidence, method}]
-- index: speakers_normalized_name_idx
with wanted as (
    select distinct on (l.id, l.role) l.*, n.known_as
    from jsonb_to_recordset(:links) as l (
        id uuid, normalized_name text, role text, confidence real, evidence text, method text)
    join speakers s on s.id = l.id
    left join lateral (
        -- One name for both tells nothing: what was known stays.
        select m.id as known_as from speakers m
        where m.merged_into = l.id and m.normalized_name = l.normalized_name
          and (m.normalized_name <> s.normalized_name
               or exists (select from event_speakers o where o.event_id = :event_id and o.speaker_id = l.id
                                                         and o.role = l.role and o.known_as = m.id))
        order by m.created_at, m.id limit 1) n on true
    order by l.id, l.role, l.confidence desc, n.known_as nulls first
), gone as (
    delete from event_speakers s
    where s.event_id = :event_id and not exists (select from wanted w where w.id = s.speaker_id and w.role = s.role)
)
insert into event_speakers (event_id, speaker_id, role, extraction_confidence, evidence, method, known_as)
select :event_id, w.id, w.role, w.confidence, w.evidence, w.method, w.known_as from wanted w
on conflict (event_id, speaker_id, role) do update
set extraction_confidence = excluded.extraction_confidence, evidence = excluded.evidence, method = excluded.method,
    known_as = excluded.known_as
