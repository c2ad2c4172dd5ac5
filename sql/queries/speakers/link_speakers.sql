-- Makes these the speakers of an event: new links are added, known ones updated, others removed.
-- param: event_id uuid
-- param: links jsonb -- [{id, role, confidence, evidence, method}]
with wanted as (
    select distinct on (l.id, l.role) l.*
    from jsonb_to_recordset(:links) as l (id uuid, role text, confidence real, evidence text, method text)
    order by l.id, l.role, l.confidence desc
), gone as (
    delete from event_speakers s
    where s.event_id = :event_id and not exists (select from wanted w where w.id = s.speaker_id and w.role = s.role)
)
insert into event_speakers (event_id, speaker_id, role, extraction_confidence, evidence, method)
select :event_id, w.id, w.role, w.confidence, w.evidence, w.method from wanted w
on conflict (event_id, speaker_id, role) do update
set extraction_confidence = excluded.extraction_confidence, evidence = excluded.evidence, method = excluded.method
