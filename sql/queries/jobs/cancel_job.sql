-- Ends a waiting job or asks a running one to end.
-- writes: jobs, events, batch_items
-- param: id uuid
-- param: events_only flag optional -- a job that belongs to an event, or none
select c.id, c.state
from (select j.id, cancel_job(j.id) as state from jobs j
      where j.id = :id
--? events_only
        and j.event_id is not null
--.
) c where c.state is not null
