-- Makes these the companies of an event: new links are added, known ones updated, others removed.
-- param: event_id uuid
-- param: links jsonb -- [{id, relationship_type, confidence, evidence, method}]
with wanted as (
    select distinct on (l.id, l.relationship_type) l.*
    from jsonb_to_recordset(:links) as l (
        id uuid, relationship_type text, confidence real, evidence text, method text)
    order by l.id, l.relationship_type, l.confidence desc
), gone as (
    delete from event_companies c
    where c.event_id = :event_id
      and not exists (select from wanted w where w.id = c.company_id and w.relationship_type = c.relationship_type)
)
insert into event_companies (event_id, company_id, relationship_type, extraction_confidence, evidence, method)
select :event_id, w.id, w.relationship_type, w.confidence, w.evidence, w.method from wanted w
on conflict (event_id, company_id, relationship_type) do update
set extraction_confidence = excluded.extraction_confidence, evidence = excluded.evidence, method = excluded.method
