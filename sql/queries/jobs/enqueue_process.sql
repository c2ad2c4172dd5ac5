-- Queues the processing of an event whose page was just stored, in the same transaction.
-- writes: jobs
-- param: event_id uuid
-- param: force boolean
-- param: request_id text
select job_id, announce_jobs('process')::text as _announced
from enqueue_jobs('process', array[:event_id], :force, '0', :request_id, 5)
