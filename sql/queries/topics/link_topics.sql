-- Makes these the topics of an event: new links are added, known ones updated, others removed.
-- param: event_id uuid
-- param: links jsonb -- [{id, relevance}]
with wanted as (
    select l.id, max(l.relevance) as relevance from jsonb_to_recordset(:links) as l (id uuid, relevance real) group by l.id
), gone as (
    delete from event_topics t
    where t.event_id = :event_id and not exists (select from wanted w where w.id = t.topic_id)
)
insert into event_topics (event_id, topic_id, relevance_score)
select :event_id, w.id, w.relevance from wanted w
on conflict (event_id, topic_id) do update set relevance_score = excluded.relevance_score
