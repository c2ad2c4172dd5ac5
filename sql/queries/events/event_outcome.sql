-- What became of an event, for somebody who waits for it: its document (of the one it turned out to be, when its
-- address was another name), and whether work on it
-- (or on that one) is still to come.
-- param: id uuid
-- index: events_pkey, jobs_event_idx
select s.document as _item, exists (
           select from jobs j where j.event_id in (e.id, s.id) and j.state in ('available', 'retryable', 'executing')) as _pending
from events e join events s on s.id = coalesce(e.merged_into, e.id) where e.id = :id
