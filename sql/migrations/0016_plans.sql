-- What keeps large catalogues from being read from end to end (docs/decisions/0022-plans.md), and two repairs.

create index api_keys_listed_idx on api_keys (created_at desc, id desc);
create index merges_by_survivor_idx on merges (survivor);
create index merges_by_loser_idx on merges (loser);
create index duplicates_status_idx on duplicates (status, score desc, id desc);

-- ------------------------------------------------------------------------------------------------ locks of deletions

-- Locks what operations on events are going to change: jobs before events, each in the order of their ids, as
-- everywhere. With an event that is deleted goes what was merged into it. Another one may be merged into it while we wait
-- for its lock, but not after: then once more, until all are ours.
create function lock_operations(operations jsonb) returns void
    language plpgsql as $$
declare
    changed uuid[] := array(select (o ->> 'id')::uuid from jsonb_array_elements(operations) o
                            where o ->> 'op' in ('update', 'reprocess'));
    named uuid[] := array(select (o ->> 'id')::uuid from jsonb_array_elements(operations) o where o ->> 'op' = 'delete');
    gone uuid[];
    held uuid[];
begin
    loop
        gone := array(select e.id from events e where e.id = any (named) or e.merged_into = any (named) order by e.id);
        exit when gone = held;
        perform from jobs j
        where j.event_id = any (gone)
           or (j.event_id = any (changed) and j.state in ('available', 'retryable', 'executing'))
        order by j.id for update;
        perform from events e where e.id = any (gone) or e.id = any (changed) order by e.id for update;
        held := gone;
    end loop;
end
$$;

-- As in 0007, and its locks cover what was merged into an event that is deleted.
-- Runs operations [{position, op, id, data}] in their order. Atomic: the first that cannot be done undoes all, and the
-- rest is not tried. Dry run: all is undone. One row for each that was tried.
create or replace function run_event_operations(operations jsonb, is_atomic boolean, is_dry_run boolean, request text)
    returns table ("position" integer, status integer, data json, code text, detail text, merged_into uuid)
    language plpgsql as $$
#variable_conflict use_column
declare
    operation jsonb;
    result record;
    subject uuid;
    edited uuid[] := '{}';  -- and not finished
    positions integer[] := '{}';
    statuses integer[] := '{}';
    datas json[] := '{}';
    codes text[] := '{}';
    details text[] := '{}';
    survivors uuid[] := '{}';
    edits uuid[] := '{}';   -- whose document is the data, one for each result
    has_failed boolean := false;
begin
    perform lock_operations(operations);
    begin
        -- Edits are finished together: at the end (null), and before anything else is done to one of their events.
        for operation in
            select x.o from (select l.o, l.n from jsonb_array_elements(operations) with ordinality as l (o, n)
                             union all select null, null) x order by x.n nulls last
        loop
            subject := (operation ->> 'id')::uuid;
            if edited <> '{}' and (operation is null or (operation ->> 'op' <> 'update' and subject = any (edited))) then
                perform finish_edits(edited);
                edited := '{}';
                select array_agg(coalesce(u.data, e.document) order by u.n) into datas
                from unnest(datas, edits) with ordinality as u (data, edited, n) left join events e on e.id = u.edited;
                edits := array_fill(null::uuid, array[cardinality(edits)]);
            end if;
            exit when operation is null;
            select * into result from run_event_operation(operation, request);
            if operation ->> 'op' = 'update' and result.code is null and subject <> all (edited) then
                edited := edited || subject;
            end if;
            positions := positions || (operation ->> 'position')::integer;
            statuses := statuses || result.status;
            datas := array_append(datas, result.data);
            codes := array_append(codes, result.code);
            details := array_append(details, result.detail);
            survivors := array_append(survivors, result.merged_into);
            edits := array_append(edits, case when operation ->> 'op' = 'update' and result.code is null then subject end);
            has_failed := has_failed or result.code is not null;
            exit when is_atomic and has_failed;
        end loop;
        if is_dry_run or (is_atomic and has_failed) then
            raise exception using errcode = 'EV001', message = 'to be undone';
        end if;
    exception when sqlstate 'EV001' then
        null;
    end;
    return query select * from unnest(positions, statuses, datas, codes, details, survivors);
end
$$;

-- ------------------------------------------------------------------------------------------------ trying again

-- Makes ended jobs wait again; returns those that do. One whose work waits in another job by now stays what it is.
create function restart_jobs(ids uuid[]) returns uuid[]
    language plpgsql as $$
declare
    one uuid;
    done uuid[];
begin
    begin
        with restarted as (
            update jobs j
            set state = 'available', attempt = 0, scheduled_at = now(), completed_at = null, error_code = null,
                error_detail = null, cancel_requested = false, progress_done = 0
            where j.id = any (ids) and not job_is_covered(j)
            returning j.id)
        select array_agg(r.id order by r.id) into done from restarted r;
        return coalesce(done, '{}');
    exception when unique_violation then
        -- Somebody has asked for the same in the meantime: that one stays out, and the others must not suffer.
        if cardinality(ids) = 1 then
            return '{}';
        end if;
    end;
    foreach one in array ids loop
        done := done || restart_jobs(array[one]);
    end loop;
    return coalesce(done, '{}');
end
$$;

-- Gives ended jobs another series of attempts: those that were discarded or cancelled and that no other job has taken
-- over. What they failed in batches waits again. Returns their ids. As in 0011, and one that cannot leaves the others.
create or replace function retry_jobs(ids uuid[]) returns setof uuid
    language plpgsql as $$
declare
    again uuid[];
    subjects uuid[];
begin
    -- Of several with the same work the newest one; the others stay what they are.
    select array_agg(r.id order by r.id), array_agg(r.event_id) filter (where r.event_id is not null) into again, subjects
    from (select distinct on (j.kind, j.event_id, j.same_key) j.id, j.event_id
          from (select * from jobs where id = any (ids) and state in ('discarded', 'cancelled') order by id for update) j
          where not job_is_covered(j)
          order by j.kind, j.event_id, j.same_key, j.created_at desc, j.id) r;
    perform from events e where e.id = any (subjects) order by e.id for update;
    again := restart_jobs(coalesce(again, '{}'));
    subjects := array(select distinct j.event_id from jobs j where j.id = any (again) and j.event_id is not null);
    update events set processing_status = 'queued' where id = any (subjects) and merged_into is null;
    update batch_items set state = 'pending', error_code = null where event_id = any (subjects) and state = 'failed';
    perform render_events(subjects);
    perform announce_jobs(k.kind) from (select distinct kind from jobs where id = any (again)) k;
    return query select unnest(again);
end
$$;

-- How many events are in a language is not for the planner to guess: it took them for a few, and left the index of
-- embeddings for a comparison with all there are.
create statistics events_language_stats on (lower(language)) from events;
analyze events;
