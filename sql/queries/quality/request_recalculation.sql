-- A job that judges events again: all, or those of a filter as they are now. The same wish that waits already is one.
-- writes: jobs, job_events
-- param: event_ids uuid[] optional -- only these
-- param: is_filtered boolean -- false: all, those too that come until the job runs
-- param: request_id text
-- param: user_id uuid -- who asks; null: nobody with a key
with subjects as (
    select e.id
    from events e
    where e.processed_at is not null
--? event_ids
      and e.id = any (:event_ids)
--.
--+ events/_filters
)
select request_recalculation(case when :is_filtered then coalesce(array_agg(s.id order by s.id), '{}') end, asked_by(:user_id, :request_id)) as job_id,
       'queued' as status, count(*)::int as events
from subjects s
