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

-- Locks the jobs of events that wait or run: before the events, by whoever is going to ask for more work on them. A worker
-- has its job before it wants the event; who has the event must not wait for that job.
create function lock_jobs(ids uuid[]) returns void
    language plpgsql as $$
begin
    perform from jobs j
    where j.event_id = any (ids) and j.state in ('available', 'retryable', 'executing')
    order by j.id for update;
end
$$;

-- Is the work of this job waiting in another one?
create function job_is_covered(job jobs) returns boolean
    language sql stable
    return exists (select from jobs w
                   where w.kind = job.kind and w.state in ('available', 'retryable') and w.id <> job.id
                     and (w.event_id = job.event_id or (job.event_id is null and w.same_key = job.same_key)));

-- A job of this event was cancelled. When it was the last one, the event is what it was before it was asked for: in order,
-- or failed for the reason it had; one that was never read has failed.
create function settle_cancelled(event uuid) returns void
    language plpgsql as $$
declare
    after events;
begin
    perform from events e where e.id = event for update;
    update events e
    set processing_status = case when e.processed_at is null or e.processing_error is not null then 'failed'
                                 else 'processed' end,
        processing_error = case when e.processed_at is null then 'cancelled' else e.processing_error end,
        processing_error_detail = case when e.processed_at is not null then e.processing_error_detail end,
        updated_at = case when e.processed_at is null then now() else e.updated_at end
    where e.id = event and e.merged_into is null
      and not exists (select from jobs o where o.event_id = event
                                           and o.state in ('available', 'retryable', 'executing'))
    returning * into after;
    perform render_events(array[event]);
    perform close_batch_items(event, 'cancelled');
    if after.id is not null then
        perform announce_event(after.id, after.processing_status, after.processing_error);
    end if;
end
$$;

-- Ends a waiting job, or asks a running one to end: one of an event is short, so that it may be done first, but it is not
-- tried again.
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
        perform settle_cancelled(before.event_id);
    end if;
    return (select state from jobs where id = job);
end
$$;

-- Gives ended jobs another series of attempts: those that were discarded or cancelled and that no other job has taken
-- over. What they failed in batches waits again. Returns their ids.
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
    -- Somebody may have asked for the same while we waited for the events.
    with retried as (
        update jobs j
        set state = 'available', attempt = 0, scheduled_at = now(), completed_at = null, error_code = null,
            error_detail = null, cancel_requested = false, progress_done = 0
        where j.id = any (again) and not job_is_covered(j)
        returning j.id, j.event_id)
    select array_agg(r.id), array_agg(r.event_id) filter (where r.event_id is not null) into again, subjects from retried r;
    update events set processing_status = 'queued' where id = any (subjects) and merged_into is null;
    update batch_items set state = 'pending', error_code = null where event_id = any (subjects) and state = 'failed';
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
    perform lock_jobs(array[request_process.id]);
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

-- As before, and the jobs are locked before the events.
create or replace function request_processes(ids uuid[], request text)
    returns table (event_id uuid, batch_id uuid)
    language plpgsql as $$
#variable_conflict use_column
declare
    batch uuid;
    wanted uuid[];
begin
    perform lock_jobs(ids);
    select array_agg(w.id) into wanted from (
        select e.id from events e
        where e.id = any (ids) and e.merged_into is null and e.raw_html is not null
        order by e.id for update) w;
    perform enqueue_jobs('process', wanted, true, '0', request, 6);
    update events e set processing_status = 'queued' where e.id = any (wanted);
    perform render_events(wanted);
    perform announce_jobs('process');
    if wanted is null then
        return;
    end if;
    insert into batches (kind, request_id) values ('process', request) returning id into batch;
    insert into batch_items (batch_id, position, event_id)
    select batch, i.position, i.id from unnest(wanted) with ordinality as i (id, position);
    return query select i, batch from unnest(wanted) i;
end
$$;

-- As before, and the jobs are locked before the events.
create or replace function request_scrapes(urls text[], names text[], force_all boolean, max_age interval, request text,
                                as_batch boolean)
    returns table (url text, event_id uuid, job_id uuid, status text, created boolean, batch_id uuid)
    language plpgsql as $$
#variable_conflict use_column
declare
    batch uuid;
    wanted uuid[];
    owners uuid[];
begin
    insert into events (name, luma_url, scraped_at)
    select i.name, i.url, null from unnest(urls, names) as i (url, name)
    where not exists (select from event_sources s where s.url = i.url)
    order by i.url
    on conflict (luma_url) do nothing;
    insert into event_sources (url, event_id)
    select e.luma_url, e.id from events e where e.luma_url = any (urls) order by e.luma_url
    on conflict do nothing;

    -- In the order of their ids, so that two requests for the same events cannot lock each other out. An address may
    -- have moved to another event while we waited for a lock: then once more, until all owners are ours.
    loop
        perform lock_jobs(array(select s.event_id from event_sources s where s.url = any (urls)));
        perform from events e
        where e.id in (select s.event_id from event_sources s where s.url = any (urls))
        order by e.id for update;
        select array_agg(distinct s.event_id) into owners from event_sources s where s.url = any (urls);
        exit when owners = wanted;
        wanted := owners;
    end loop;
    perform enqueue_jobs('scrape', wanted, force_all, max_age, request, case when as_batch then 6 else 5 end);
    update events e set processing_status = 'queued' where e.id = any (wanted);
    perform render_events(wanted);
    perform announce_jobs('scrape');

    if as_batch then
        insert into batches (kind, request_id) values ('scrape', request) returning id into batch;
        insert into batch_items (batch_id, position, event_id)
        select batch, i.position, s.event_id
        from unnest(urls) with ordinality as i (url, position) join event_sources s on s.url = i.url;
    end if;
    return query
        select i.url, e.id, j.id, 'queued_for_processing', e.created_at = now(), batch
        from unnest(urls) with ordinality as i (url, position)
        join event_sources s on s.url = i.url
        join events e on e.id = s.event_id
        join jobs j on j.event_id = e.id and j.kind = 'scrape' and j.state in ('available', 'retryable')
        order by i.position;
end
$$;

-- --------------------------------------------------------------------------------------------- batches and deletion

-- What a batch waits for may be deleted: the item stays, and says so.
alter table batch_items drop constraint batch_items_event_id_fkey;
alter table batch_items alter column event_id drop not null;
alter table batch_items add constraint batch_items_event_id_fkey
    foreign key (event_id) references events (id) on delete set null;
create index batch_items_event_idx on batch_items (event_id);

-- ------------------------------------------------------------------------------------------ what has had its time

create index jobs_ended_idx on jobs (completed_at) where state in ('completed', 'discarded', 'cancelled');
create index batches_created_idx on batches (created_at);
create index event_snapshots_fetched_idx on event_snapshots (fetched_at);
-- Jobs that gave way to another one ended without a time so far.
update jobs set completed_at = scheduled_at where state = 'cancelled' and completed_at is null;

-- Removes at most `most` rows of each kind that are older than their age: ended jobs, batches that wait for nothing,
-- snapshots but the newest of each event and its newest good one (the scraper asks for its address), changes. Returns how
-- many went; none while another process is at it.
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
    return next;
end
$$;
