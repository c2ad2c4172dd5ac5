-- Jobs of any kind: beside those that belong to an event (scrape, process) those that stand for themselves, with
-- arguments, progress and a result. And what people do to jobs: cancel, try again.

alter table jobs drop constraint jobs_kind_check;
alter table jobs add constraint jobs_kind_check
    check (kind in ('scrape', 'process', 'render', 'deduplicate', 'quality'));
alter table jobs alter column event_id drop not null;
alter table jobs
    add same_key text,                          -- jobs of a kind with the same key are one while they wait
    add args json not null default '{}',
    add progress_done integer not null default 0,
    add progress_total integer,
    add result json,
    add cancel_requested boolean not null default false,
    add constraint jobs_subject_check check ((kind in ('scrape', 'process')) = (event_id is not null)),
    add constraint jobs_same_key_check check (event_id is not null or same_key is not null);
create unique index jobs_waiting_same_idx on jobs (kind, same_key)
    where state in ('available', 'retryable') and event_id is null;
create index jobs_created_idx on jobs (created_at desc, id desc);

-- A job that stands for itself: a new one, or the one with the same key that waits already. Returns its id.
create function enqueue_job(job_kind text, job_args json, key text, request text, job_priority integer) returns uuid
    language plpgsql as $$
declare
    job uuid;
begin
    insert into jobs as j (kind, args, same_key, request_id, priority)
    values (job_kind, job_args, key, request, job_priority)
    on conflict (kind, same_key) where state in ('available', 'retryable') and event_id is null
    do update set priority = least(j.priority, excluded.priority)
    returning j.id into job;
    perform announce_jobs(job_kind);
    return job;
end
$$;

-- Is the work of this job waiting in another one?
create function job_is_covered(job jobs) returns boolean
    language sql stable
    return exists (select from jobs w
                   where w.kind = job.kind and w.state in ('available', 'retryable') and w.id <> job.id
                     and (w.event_id = job.event_id or (job.event_id is null and w.same_key = job.same_key)));

-- Ends a waiting job, or asks a running one to end (one that belongs to an event is short and runs to its end).
-- Returns its state afterwards, null when there is no such job.
create function cancel_job(job uuid) returns text
    language plpgsql as $$
declare
    before jobs;
begin
    select * into before from jobs where id = job for update;
    if before.state = 'executing' then
        update jobs set cancel_requested = true where id = job;
    elsif before.state in ('available', 'retryable') then
        update jobs set state = 'cancelled', completed_at = now(), error_code = 'cancelled' where id = job;
    end if;
    if before.state in ('available', 'retryable') and before.event_id is not null then
        update events e
        set processing_status = case when e.processed_at is null then 'failed' else 'processed' end,
            processing_error = case when e.processed_at is null then 'cancelled' else e.processing_error end
        where e.id = before.event_id and e.merged_into is null
          and not exists (select from jobs o where o.event_id = before.event_id
                                               and o.state in ('available', 'retryable', 'executing'));
        perform render_events(array[before.event_id]);
        perform close_batch_items(before.event_id, 'cancelled');
    end if;
    return (select state from jobs where id = job);
end
$$;

-- Gives ended jobs another series of attempts: those that were discarded or cancelled and that no other job has taken
-- over. Returns their ids.
create function retry_jobs(ids uuid[]) returns setof uuid
    language plpgsql as $$
declare
    again uuid[];
    subjects uuid[];
begin
    -- Of several with the same work the newest one; the others stay what they are.
    select array_agg(r.id), array_agg(r.event_id) filter (where r.event_id is not null) into again, subjects
    from (select distinct on (j.kind, j.event_id, j.same_key) j.id, j.event_id
          from (select * from jobs where id = any (ids) and state in ('discarded', 'cancelled') order by id for update) j
          where not job_is_covered(j)
          order by j.kind, j.event_id, j.same_key, j.created_at desc, j.id) r;
    perform from events e where e.id = any (subjects) order by e.id for update;
    update jobs
    set state = 'available', attempt = 0, scheduled_at = now(), completed_at = null, error_code = null,
        error_detail = null, cancel_requested = false, progress_done = 0
    where id = any (again);
    update events set processing_status = 'queued' where id = any (subjects) and merged_into is null;
    perform render_events(subjects);
    perform announce_jobs(k.kind) from (select distinct kind from jobs where id = any (again)) k;
    return query select unnest(again);
end
$$;
