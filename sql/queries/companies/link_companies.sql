-- Makes these the companies of an event: new links are added, known ones updated, others removed. A link to one that the
-- page knows by the name of another, which was merged into it, remembers whose name it is.
-- param: event_id uuid
-- param: links jsonb -- [{id, normalized_name, relationship_type, confidence, evidence, method}]
-- index: companies_normalized_name_key
with wanted as (
    select distinct on (l.id, l.relationship_type) l.*, n.id as known_as
    from jsonb_to_recordset(:links) as l (
        id uuid, normalized_name text, relationship_type text, confidence real, evidence text, method text)
    left join companies n on n.normalized_name = l.normalized_name and n.merged_into = l.id
    order by l.id, l.relationship_type, l.confidence desc, n.id nulls first
), gone as (
    delete from event_companies c
    where c.event_id = :event_id
      and not exists (select from wanted w where w.id = c.company_id and w.relationship_type = c.relationship_type)
)
insert into event_companies (event_id, company_id, relationship_type, extraction_confidence, evidence, method, known_as)
select :event_id, w.id, w.relationship_type, w.confidence, w.evidence, w.method, w.known_as from wanted w
on conflict (event_id, company_id, relationship_type) do update
set extraction_confidence = excluded.extraction_confidence, evidence = excluded.evidence, method = excluded.method,
    known_as = excluded.known_as
