-- What has changed, for those who follow: one row a change, written in the transaction that makes it.
--
-- The order of changes is (xid, seq): the transaction's number, then the row's. A reader shows only rows whose xid is
-- below pg_snapshot_xmin(pg_current_snapshot()), the oldest transaction that still writes. Why nothing is missed and
-- nothing comes twice:
--  * Each transaction below that number has ended. What it wrote and committed is visible to this snapshot, and it
--    writes no more; so the rows below the number are complete for ever.
--  * The number never goes back, so what is shown later is at or above the number of before, that is, behind all that
--    was shown. Having read up to (x, s), asking for the rows behind (x, s) gives each of the others once.
-- seq alone would not do: a transaction takes its number early and commits late, and a reader that had gone past would
-- never see it. The price: a transaction that writes and stays open holds back what comes after it
-- (metric changes_lag_seconds tells for how long).
-- A position is written "xid-seq"; to clients it is opaque.

create table changes (
    seq bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    type text not null,                             -- event.processed, event.failed, event.deleted, event.merged, speaker.merged, …
    id uuid not null,                               -- of the thing that changed
    data json,                                      -- an object; of a merge with the member merged_into
    at timestamptz not null default now()
);
create index changes_order_idx on changes (xid, seq);

-- The last change that was removed for its age: who stands before it has missed some.
create table changes_floor (
    is_only boolean primary key default true check (is_only),
    xid xid8 not null,
    seq bigint not null
);
insert into changes_floor (xid, seq) values ('0', 0);

-- Notes a change of each of these things, and wakes those who follow (once a transaction, at its commit).
create function record_changes(type text, ids uuid[], data json default null) returns void
    language sql
begin atomic
    insert into changes (type, id, data) select type, i, data from unnest(ids) i;
    select pg_notify('changes', '');
end;

-- One change as it goes out. Written by row_to_json, so without white space.
create function render_change(c changes) returns json
    language sql stable
    return (
        select row_to_json(r) from (
            select c.xid::text || '-' || c.seq as seq, iso_time(c.at) as at, c.type, c.id,
                   case when c.type like '%.merged' then 'merge' when c.type like '%.deleted' then 'delete'
                        else 'upsert' end as op,
                   c.data ->> 'merged_into' as merged_into, c.data
        ) r);

-- Removes changes that are older than max_age, the oldest first, at most so many; gives how many.
create function prune_changes(max_age interval, most integer default null) returns bigint
    language plpgsql as $$
declare
    removed bigint;
    bound record;
begin
    perform from changes_floor for update;
    -- Up to the first that is to stay; never what readers have not been shown.
    select c.xid, c.seq into bound from changes c
    where c.at >= now() - max_age or c.xid >= pg_snapshot_xmin(pg_current_snapshot())
    order by c.xid, c.seq limit 1;
    with gone as (
        delete from changes c
        where c.seq in (select o.seq from changes o
                        where bound.seq is null or (o.xid, o.seq) < (bound.xid, bound.seq)
                        order by o.xid, o.seq limit most)
        returning c.xid, c.seq
    ), last as (
        update changes_floor f set xid = g.xid, seq = g.seq
        from (select gone.xid, gone.seq from gone order by gone.xid desc, gone.seq desc limit 1) g
    )
    select count(*) into removed from gone;
    return removed;
end
$$;

-- Changes from transactions that this database has not come to: those of a dump that was restored into another cluster.
-- They would be shown when its numbers get there, out of order and late, and are never removed for their age. The floor
-- may lie there as well; then nobody can follow.
create function count_foreign_changes() returns bigint
    language sql stable
    return (select count(*) from changes c where c.xid >= pg_snapshot_xmax(pg_current_snapshot()))
           + (select count(*) from changes_floor f where f.xid >= pg_snapshot_xmax(pg_current_snapshot()));

-- Removes them. The floor becomes the present: who followed the other database reads everything anew. Returns how many.
create function remove_foreign_changes() returns bigint
    language plpgsql as $$
declare
    edge xid8 := pg_snapshot_xmax(pg_current_snapshot());
    found bigint := count_foreign_changes();
begin
    if found > 0 then
        delete from changes c where c.xid >= edge;
        update changes_floor
        set xid = (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text::xid8,
            seq = (select coalesce(max(c.seq), 0) from changes c);
    end if;
    return found;
end
$$;

-- Tells the topic event_processing what became of an event. It has changed when this transaction has read its page
-- (processed_at is this transaction's time) or has given it up; a page that was as before is no change.
create or replace function announce_event(id uuid, status text, error text) returns void
    language plpgsql as $$
begin
    perform record_changes('event.' || announce_event.status, array[e.id],
                           (select row_to_json(d) from (
                                select announce_event.status, announce_event.error, e.name, e.luma_url,
                                       e.data_quality_score) d))
    from events e
    where e.id = announce_event.id and e.merged_into is null
      and (announce_event.status <> 'processed' or e.processed_at = now());
    perform pg_notify('event_processing',
                      json_build_object('event_id', announce_event.id, 'status', announce_event.status,
                                        'error', announce_event.error)::text);
end
$$;

-- Two addresses turned out to be one event: one row becomes another name of the other. The one that was read stays,
-- else `survivor`. What was stored under the loser goes; its addresses move, and so do batches that wait for it.
-- Returns the id that stays; that of `loser` itself when nothing was merged (both are one already).
-- As in 0003, and noted as a change.
create or replace function merge_event_into(loser uuid, survivor uuid) returns uuid
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
    perform record_changes('event.merged', array[gone.id], json_build_object('merged_into', kept.id));
    return kept.id;
end
$$;
