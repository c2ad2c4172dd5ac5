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
    add constraint jobs_same_key_check check (event_id is not null or same_key is not null),
    add constraint jobs_args_check check (octet_length(args::text) <= 1048576); -- QUEUE_MAX_ARGS_BYTES of queue.h
create unique index jobs_waiting_same_idx on jobs (kind, same_key)
    where state in ('available', 'retryable') and event_id is null;
create index jobs_created_idx on jobs (created_at desc, id desc);

-- The events that a job was asked for, when they are too many for its arguments.
create table job_events (
    job_id uuid not null references jobs (id) on delete cascade,
    event_id uuid not null,                     -- may be gone by the time the job comes to it
    primary key (job_id, event_id)
);

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

-- As before, and an id that has become another name of an event says of which one (merged_into); nothing is queued then.
drop function request_process(uuid, text, text, text);
create function request_process(id uuid, html text, html_hash text, request text)
    returns table (event_id uuid, job_id uuid, has_page boolean, merged_into uuid)
    language plpgsql as $$
#variable_conflict use_column
declare
    page_there boolean;
    survivor uuid;
begin
    update events e
    set raw_html = coalesce(html, e.raw_html), content_hash = coalesce(html_hash, e.content_hash),
        etag = case when html is null then e.etag end,
        last_modified = case when html is null then e.last_modified end,
        scraped_at = case when html is null then e.scraped_at else now() end,
        processing_status = case when coalesce(html, e.raw_html) is null then e.processing_status else 'queued' end
    where e.id = request_process.id and e.merged_into is null
    returning e.raw_html is not null into page_there;
    if not found then
        select e.merged_into into survivor from events e where e.id = request_process.id;
        if survivor is not null then
            return query select request_process.id, null::uuid, false, survivor;
        end if;
        return;
    end if;
    if not page_there then
        return query select request_process.id, null::uuid, false, null::uuid;
        return;
    end if;
    perform render_events(array[request_process.id]);
    perform announce_jobs('process');
    return query
        select q.event_id, q.job_id, true, null::uuid
        from enqueue_jobs('process', array[request_process.id], true, '0', request, 4) q;
end
$$;

-- ------------------------------------------------------------------------------------------ what has had its time

create index jobs_ended_idx on jobs (completed_at) where state in ('completed', 'discarded', 'cancelled');
create index batches_created_idx on batches (created_at);
create index event_snapshots_fetched_idx on event_snapshots (fetched_at);
-- Jobs that gave way to another one ended without a time so far.
update jobs set completed_at = scheduled_at where state = 'cancelled' and completed_at is null;

-- Removes at most `most` rows of each kind that are older than their age: ended jobs, batches that wait for nothing,
-- snapshots but the newest of each event and its newest good one (the scraper asks for its address), changes. Returns how
-- many went; none while another process is at it. What limits and repeated requests leave behind goes along, uncounted:
-- windows of limits after two days (the longest is one), what keys used after 400, answers to repeated requests after one.
create function prune(job_age interval, snapshot_age interval, change_age interval, most integer)
    returns table (jobs bigint, batches bigint, snapshots bigint, changes bigint)
    language plpgsql as $$
#variable_conflict use_column
begin
    if not pg_try_advisory_xact_lock(hashtextextended('eventd prune', 0)) then
        return query select 0::bigint, 0::bigint, 0::bigint, 0::bigint;
        return;
    end if;
    delete from jobs j where j.id in (
        select o.id from jobs o
        where o.state in ('completed', 'discarded', 'cancelled') and o.completed_at < now() - job_age
        order by o.completed_at limit most for update skip locked);
    get diagnostics jobs = row_count;
    delete from batches b where b.id in (
        select o.id from batches o
        where o.created_at < now() - job_age
          and not exists (select from batch_items i where i.batch_id = o.id and i.state = 'pending')
        order by o.created_at limit most for update skip locked);
    get diagnostics batches = row_count;
    delete from event_snapshots s where s.id in (
        select o.id from event_snapshots o
        where o.fetched_at < now() - snapshot_age
          and exists (select from event_snapshots n
                      where n.event_id = o.event_id and (n.fetched_at, n.id) > (o.fetched_at, o.id))
          and (o.http_status <> 200
               or exists (select from event_snapshots n
                          where n.event_id = o.event_id and n.http_status = 200
                            and (n.fetched_at, n.id) > (o.fetched_at, o.id)))
        order by o.fetched_at limit most);
    get diagnostics snapshots = row_count;
    changes := prune_changes(change_age, most);
    delete from quota_windows q where q.ctid = any (array(
        select o.ctid from quota_windows o where o.starts_at < now() - interval '2 days' limit most for update skip locked));
    delete from usage u where u.ctid = any (array(
        select o.ctid from usage o where o.day < current_date - 400 limit most for update skip locked));
    delete from idempotency_keys k where k.ctid = any (array(
        select o.ctid from idempotency_keys o where o.created_at < now() - interval '1 day'
        order by o.created_at limit most for update skip locked));
    return next;
end
$$;
