-- Asking for work: what the API calls. Each function is one transaction's worth of steps.

-- Tells who waits: workers (jobs_scrape, jobs_process) wake up at commit.
create function announce_jobs(kind text) returns void
    language sql
    return pg_notify('jobs_' || kind, '');

-- Tells the topic event_processing what became of an event.
create function announce_event(id uuid, status text, error text) returns void
    language sql
    return pg_notify('event_processing',
                     json_build_object('event_id', id, 'status', status, 'error', error)::text);

-- A waiting job of this kind for each event: a new one, or the one that waits already. Returns event and job.
create function enqueue_jobs(job_kind text, ids uuid[], force_all boolean, max_age interval, request text,
                             job_priority integer)
    returns table (event_id uuid, job_id uuid)
    language sql as $$
    insert into jobs as j (kind, event_id, force, max_age, request_id, priority)
    select job_kind, i, force_all, max_age, request, job_priority
    from (select distinct unnest(ids) as i) wanted order by i
    on conflict (event_id, kind) where state in ('available', 'retryable')
    do update set force = j.force or excluded.force, max_age = least(j.max_age, excluded.max_age),
                  -- A site that asked for patience gets it, unless somebody insists.
                  scheduled_at = case when j.state = 'retryable' and not excluded.force then j.scheduled_at
                                      else least(j.scheduled_at, excluded.scheduled_at) end,
                  priority = least(j.priority, excluded.priority)
    returning j.event_id, j.id
$$;

-- Asks for the pages of these addresses (canonical, each once; names are placeholders until a page was read).
-- Events that do not exist yet are created. The worker leaves one alone that is in order and was fetched less than
-- max_age ago, unless force is set. With as_batch all become members of a new batch. One row an address, in their order.
create function request_scrapes(urls text[], names text[], force_all boolean, max_age interval, request text,
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

-- Asks for the processing of one event, with a page that somebody else fetched or the stored one (html null).
-- No row when the event does not exist; has_page is false, and nothing is queued, when there is no page at all.
create function request_process(id uuid, html text, html_hash text, request text)
    returns table (event_id uuid, job_id uuid, has_page boolean)
    language plpgsql as $$
#variable_conflict use_column
declare
    page_there boolean;
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
        return;
    end if;
    if not page_there then
        return query select request_process.id, null::uuid, false;
        return;
    end if;
    perform render_events(array[request_process.id]);
    perform announce_jobs('process');
    return query
        select q.event_id, q.job_id, true from enqueue_jobs('process', array[request_process.id], true, '0', request, 4) q;
end
$$;

-- Asks for the processing of several events that have a page, as one batch. One row an event that was queued.
create function request_processes(ids uuid[], request text)
    returns table (event_id uuid, batch_id uuid)
    language plpgsql as $$
#variable_conflict use_column
declare
    batch uuid;
    wanted uuid[];
begin
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

-- A job of this event has ended. When it was the last one, what waits for the event in batches is done, or failed
-- with the code. The lock makes two jobs that end at once see each other.
create function close_batch_items(id uuid, error text) returns void
    language plpgsql as $$
begin
    perform from events e where e.id = close_batch_items.id for update;
    update batch_items i set state = case when error is null then 'done' else 'failed' end, error_code = error
    where i.event_id = close_batch_items.id and i.state = 'pending'
      and not exists (select from jobs j where j.event_id = close_batch_items.id
                                           and j.state in ('available', 'retryable', 'executing'));
end
$$;

-- Two addresses turned out to be one event: one row becomes another name of the other. The one that was read stays,
-- else `survivor`. What was stored under the loser goes; its addresses move, and so do batches that wait for it.
-- Returns the id that stays; that of `loser` itself when nothing was merged (both are one already).
create function merge_event_into(loser uuid, survivor uuid) returns uuid
    language plpgsql as $$
declare
    gone events;
    kept events;
begin
    perform from events where id in (loser, survivor) order by id for update;
    select * into gone from events where id = loser;
    select * into kept from events where id = survivor;
    -- Somebody else may have merged one of them while we waited for the locks: then nothing is to be done.
    if gone.merged_into is not null or kept.merged_into is not null or gone.id = kept.id then
        return coalesce(gone.merged_into, loser);
    end if;
    if kept.processed_at is null and gone.processed_at is not null then
        select * into gone from events where id = survivor;
        select * into kept from events where id = loser;
    end if;
    update event_sources set event_id = kept.id where event_id = gone.id;
    update events set merged_into = kept.id where merged_into = gone.id;
    delete from event_speakers where event_id = gone.id;
    delete from event_companies where event_id = gone.id;
    delete from event_topics where event_id = gone.id;
    update events
    set merged_into = kept.id, processing_status = 'processed', processing_error = null,
        processing_error_detail = null, raw_html = null, extracted_data = null, embedding = null,
        embedding_model = null, luma_id = null
    where id = gone.id;
    -- The one that stays must be read, if nobody has yet and it is not the one at work.
    if kept.id = survivor and kept.processed_at is null then
        perform enqueue_jobs('scrape', array[kept.id], false, '0', null, 5);
        perform announce_jobs('scrape');
    end if;
    update batch_items set event_id = kept.id where event_id = gone.id and state = 'pending';
    perform close_batch_items(kept.id, null);
    perform project_events(array[gone.id]);
    perform render_events(array[gone.id, kept.id]);
    return kept.id;
end
$$;
