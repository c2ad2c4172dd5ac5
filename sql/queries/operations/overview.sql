-- How everything is, in one object: running services with their metrics, the queue, failures by reason, the newest failed
-- jobs, the database. Counts of large tables are the planner's estimates.
-- index: jobs_claim_idx, jobs_lease_idx, jobs_discarded_idx
with queue as (
    select kind, state, count(*) as jobs,
           coalesce(extract(epoch from now() - min(scheduled_at) filter (where scheduled_at <= now())), 0)::float8
               as oldest_age_seconds
    from (select j.kind, j.state, j.scheduled_at from jobs j where j.state in ('available', 'retryable')
          union all -- each part with the condition of an index
          select j.kind, j.state, j.scheduled_at from jobs j where j.state = 'executing') unfinished
    group by kind, state
), failed as (
    select j.id, j.kind, j.event_id, j.error_code, j.error_detail, j.attempt, j.completed_at, j.request_id
    from jobs j where j.state = 'discarded' order by j.completed_at desc, j.id desc limit 1000
), reasons as (
    select kind, error_code, count(*) as jobs, max(completed_at) as last_at from failed group by kind, error_code
), tables as (
    select c.relname as name, pg_total_relation_size(c.oid) as bytes, s.n_live_tup as rows_estimate
    from pg_class c join pg_stat_user_tables s on s.relid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    order by 2 desc, 1 limit 12
)
select iso_time(now()) as at,
       (select coalesce(json_agg(json_build_object(
                   'service', r.service, 'instance', r.instance, 'started_at', iso_time(r.started_at),
                   'reported_at', iso_time(r.reported_at), 'version', r.version, 'metrics', r.metrics)
               order by r.service, r.started_at, r.instance), '[]')
        from service_reports r where r.reported_at >= now() - interval '10 seconds') as services,
       (select coalesce(json_agg(row_to_json(q) order by q.kind, q.state), '[]') from queue q) as queue,
       (select coalesce(json_agg(json_build_object('kind', r.kind, 'error_code', r.error_code, 'jobs', r.jobs,
                                                   'last_at', iso_time(r.last_at)) order by r.jobs desc, r.kind, r.error_code), '[]')
        from reasons r) as failures,
       (select coalesce(json_agg(json_build_object(
                   'id', f.id, 'kind', f.kind, 'event_id', f.event_id, 'url', e.luma_url, 'error_code', f.error_code,
                   'error_detail', f.error_detail, 'attempt', f.attempt, 'completed_at', iso_time(f.completed_at),
                   'request_id', f.request_id) order by f.completed_at desc, f.id desc), '[]')
        from (select * from failed order by completed_at desc, id desc limit 20) f
        left join events e on e.id = f.event_id) as failed_jobs,
       (select json_build_object(
                   'version', current_setting('server_version'), 'bytes', pg_database_size(current_database()),
                   'commits', d.xact_commit, 'rollbacks', d.xact_rollback, 'deadlocks', d.deadlocks,
                   'blocks_read', d.blks_read, 'blocks_hit', d.blks_hit,
                   'connections', (select json_object_agg(coalesce(a.state, 'other'), a.n) from (
                        select state, count(*) as n from pg_stat_activity
                        where datname = current_database() group by state) a),
                   'max_connections', current_setting('max_connections')::int,
                   'oldest_transaction_seconds', (select coalesce(max(extract(epoch from now() - xact_start)), 0)::float8
                        from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()),
                   'tables', (select coalesce(json_agg(row_to_json(t)), '[]') from tables t))
        from pg_stat_database d where d.datname = current_database()) as database
