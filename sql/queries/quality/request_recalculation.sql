-- A job that judges events again: all, or those of a filter as they are now. The same wish that waits already is one.
-- writes: jobs
-- param: event_ids uuid[] optional -- only these
-- param: is_filtered boolean -- false: all, those too that come until the job runs
-- param: request_id text
with subjects as (
    select e.id
    from events e
    where e.processed_at is not null
--? event_ids
      and e.id = any (:event_ids)
--.
--+ events/_filters
), args as (
    select count(*)::int as events,
           case when :is_filtered then json_build_object('ids', coalesce(json_agg(s.id order by s.id), '[]')) else '{}' end as args
    from subjects s
)
select enqueue_job('quality', a.args, md5(a.args::text), :request_id, 7) as job_id, 'queued' as status, a.events from args a
