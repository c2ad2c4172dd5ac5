-- How many events can be compared with one: the total of similar_events.
-- param: id uuid
select count(*) as total
from events e, events subject
where subject.id = :id and e.id <> :id and e.embedding is not null and e.embedding_model = subject.embedding_model
--+ events/_filters
