-- What became of an event, for somebody who waits for it: its document, and whether work on it is still to come.
-- param: id uuid
-- index: events_pkey, jobs_event_idx
select e.document as _item, exists (
           select from jobs j where j.event_id = e.id and j.state in ('available', 'retryable', 'executing')) as _pending
from events e where e.id = :id
