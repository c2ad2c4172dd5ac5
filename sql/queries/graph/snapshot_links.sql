-- Who and what belongs to which event: kind as in graph/snapshot_nodes; roles is a set of bits, in the order of the lists
-- here (and of src/processor/graph/snapshot.c).
-- param: limit int
-- index: none: it reads all of it, on a thread of its own
select l.kind, l.entity_id, l.event_id, l.roles
from (
    select 0 as kind, speaker_id as entity_id, event_id,
           bit_or(1 << array_position(array['speaker', 'judge', 'host', 'panelist', 'moderator', 'mentor'], role) - 1) as roles
    from event_speakers group by speaker_id, event_id
    union all
    select 1, company_id, event_id,
           bit_or(1 << array_position(array['host', 'sponsor', 'venue', 'partner'], relationship_type) - 1)
    from event_companies group by company_id, event_id
    union all
    select 2, topic_id, event_id, 0 from event_topics
) l
join events e on e.id = l.event_id and e.processed_at is not null and e.merged_into is null
order by l.event_id, l.kind, l.entity_id
limit :limit
