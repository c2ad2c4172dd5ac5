-- Events are found by keys of what tells which one they are (src/lib/match/keys.h), whoever lists them; a listing remembers
-- what it said. Companies that are a part of another. docs/decisions/0032-listings-and-parts.md

-- ------------------------------------------------------------------------------------------------------- events

-- As speaker_keys: a key is a hash, and who has it may be merged into another by now, whose other listing it then is.
create table event_keys (
    key bigint not null,
    event_id uuid not null references events (id) on delete cascade,
    primary key (key, event_id)
);
create index event_keys_event_idx on event_keys (event_id);

-- By which version of the keys an event can be found; 0: not by its present ones. The processor makes up for what is behind.
alter table events add keys_version integer not null default 0;
create index events_keys_version_idx on events (keys_version) where processed_at is not null;

-- What the page at this address said when it was last read; null: nothing was read there.
alter table event_sources add name text;
alter table event_sources add starts_at timestamptz;
alter table event_sources add day date;

-- A time as clocks show it in a zone, with the offset: "2031-05-06T09:00:00+02:00".
create function zoned_time(instant timestamptz, zone text) returns text
    language sql stable parallel safe
    return case when instant is null then null else (
        select to_char(t.wall, 'YYYY-MM-DD"T"HH24:MI:SS') || case when t.minutes < 0 then '-' else '+' end
               || lpad((abs(t.minutes) / 60)::text, 2, '0') || ':' || lpad((abs(t.minutes) % 60)::text, 2, '0')
        from (select instant at time zone z.name as wall,
                     (extract(epoch from (instant at time zone z.name) - (instant at time zone 'UTC')) / 60)::integer as minutes
              from (select coalesce(usable_zone(zone), 'UTC') as name) z) t) end;

-- The host of an address, and what sort of site it is.
create function source_host(url text) returns text
    language sql immutable strict parallel safe
    return substring(url from '^[a-z]+://([^/:?#]+)');
create function source_kind(url text) returns text
    language sql immutable strict parallel safe
    return case
        when source_host(url) ~ '(^|\.)(luma\.com|lu\.ma)$' then 'luma'
        when source_host(url) ~ '(^|\.)eventbrite\.' then 'eventbrite'
        when source_host(url) ~ '(^|\.)meetup\.com$' then 'meetup'
        else 'page' end;

-- How much the row of an event is worth beside another listing of it: what people have edited before what was only read,
-- Luma's own data before copies of them, then who tells more, then who was seen at more addresses.
create function event_worth(event uuid) returns bigint
    language sql stable
    return (select (e.overrides <> '{}')::integer * 100000 + (e.luma_id is not null)::integer * 10000
                   + (num_nonnulls(e.starts_at, e.ends_at, e.venue, e.address, e.city, e.country, e.latitude, e.image_url,
                                   e.is_free, e.guest_count)
                      + 2 * (length(coalesce(e.description, '')) > 200)::integer
                      + least(10, (select count(*) from event_speakers l where l.event_id = e.id))
                      + least(5, (select count(*) from event_companies l where l.event_id = e.id))) * 100
                   + least(99, (select count(*) from event_sources u where u.event_id = e.id))
            from events e where e.id = event);

-- As before, and of two events the one that is worth more stays. A session keeps the plans of each kind.
create or replace function choose_survivor(kind text, one uuid, two uuid) returns uuid
    language plpgsql stable as $$
#variable_conflict use_variable
begin
    case kind
        when 'speaker' then
            return (select case when count(*) = 2 then (array_agg(x.id order by x.links desc, x.created_at, x.id))[1] end
                    from (select s.id, s.created_at,
                                 (select count(*) from event_speakers l where l.speaker_id = s.id) as links
                          from speakers s where s.id in (one, two) and s.merged_into is null) x);
        when 'company' then
            return (select case when count(*) = 2 then (array_agg(x.id order by x.links desc, x.created_at, x.id))[1] end
                    from (select c.id, c.created_at,
                                 (select count(*) from event_companies l where l.company_id = c.id) as links
                          from companies c where c.id in (one, two) and c.merged_into is null) x);
        else
            return (select case when count(*) = 2 then (array_agg(x.id order by x.links desc, x.created_at, x.id))[1] end
                    from (select e.id, e.created_at, event_worth(e.id) as links
                          from events e where e.id in (one, two) and e.merged_into is null) x);
    end case;
end
$$;

-- As before, and of events too, nobody decides or undoes anything meanwhile: they are held off as they are while a page is
-- stored.
create or replace function merge_undecided_pair(kind text, one uuid, two uuid, actor text, reason json, probability real)
    returns uuid language plpgsql as $$
#variable_conflict use_variable
begin
    if kind = 'event' then
        perform share_entities();
    else
        perform hold_entities();
    end if;
    if exists (select from duplicates d where d.kind = kind and d.a = least(one, two) and d.b = greatest(one, two)
                                              and d.status <> 'pending') then
        return null;
    end if;
    return merge_pair(kind, one, two, actor, reason, probability);
end
$$;

-- Locks the jobs of events that wait: before the events, by a worker that may merge two of them. Those that run have a
-- worker that may wait for this one.
create function lock_waiting_jobs(ids uuid[]) returns void
    language plpgsql as $$
begin
    perform from jobs j
    where j.event_id = any (ids) and j.state in ('available', 'retryable')
    order by j.id for update;
end
$$;

-- As before, and those that run come first: their workers may wait for a worker that waits for those that do not.
create or replace function lock_jobs(ids uuid[]) returns void
    language plpgsql as $$
begin
    perform from jobs j where j.event_id = any (ids) and j.state = 'executing' order by j.id for update;
    perform lock_waiting_jobs(ids);
end
$$;

-- The event that an address leads to: by the address itself, or by the Luma id in it; null: none yet.
create function address_owner(url text) returns uuid
    language sql stable
    return coalesce(
        (select s.event_id from event_sources s where s.url = address_owner.url),
        (select e.id from events e
         where e.luma_id = substring(address_owner.url from '^https://luma[.]com/event/(evt-[A-Za-z0-9]+)$')
           and e.merged_into is null));

-- As before, and an address by Luma's id leads to the event that is known to have it. What is locked is let go before it is
-- tried again, so that requests for one event at once do not lock each other out.
create or replace function request_scrapes(urls text[], names text[], force_all boolean, max_age interval, request text,
                                           as_batch boolean)
    returns table (url text, event_id uuid, job_id uuid, status text, created boolean, batch_id uuid)
    language plpgsql as $$
#variable_conflict use_column
declare
    batch uuid;
    wanted uuid[];
    known uuid[];
begin
    -- The jobs first, then the events, each in the order of their ids. An address may have moved to another event while we
    -- waited for a lock, or somebody has asked for work on it: then once more, until all owners and all their jobs are ours.
    loop
        insert into events (name, luma_url, scraped_at)
        select i.name, i.url, null from unnest(urls, names) as i (url, name)
        where address_owner(i.url) is null
        order by i.url
        on conflict (luma_url) do nothing;
        insert into event_sources (url, event_id)
        select e.luma_url, coalesce(e.merged_into, e.id) from events e
        where e.luma_url = any (urls) and address_owner(e.luma_url) is null
        order by e.luma_url
        on conflict do nothing;
        begin
            wanted := array(select distinct address_owner(u) from unnest(urls) u order by 1);
            known := array(select j.id from jobs j
                           where j.event_id = any (wanted) and j.state in ('available', 'retryable', 'executing'));
            perform lock_jobs(wanted);
            perform from events e where e.id = any (wanted) order by e.id for update;
            if wanted = array(select distinct address_owner(u) from unnest(urls) u order by 1)
               and array_position(wanted, null) is null
               and not exists (select from jobs j
                               where j.event_id = any (wanted) and j.state in ('available', 'retryable', 'executing')
                                 and j.id <> all (known)) then
                exit;
            end if;
            raise exception using errcode = 'EVT01';
        exception when sqlstate 'EVT01' then
            null;
        end;
    end loop;
    insert into event_sources (url, event_id)
    select u, address_owner(u) from unnest(urls) u where address_owner(u) is not null order by u
    on conflict do nothing;
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

-- As before, and the events' keys are to be made anew.
create or replace function finish_edits(ids uuid[]) returns void
    language plpgsql as $$
begin
    update events e set keys_version = 0 where e.id = any (ids) and e.keys_version <> 0;
    perform score_events(ids);
    perform render_events(ids);
    perform project_events(ids);
    perform record_changes('event.updated', ids);
end
$$;

-- --------------------------------------------------------------------------------------------------- companies

-- The company that this one is a part, a product or a subsidiary of, and why. Either may be merged into another by now:
-- company_whole and company_parts say whose part is whose today, so that merges and undoing them move nothing here.
alter table companies add part_of uuid references companies (id) on delete set null check (part_of <> id);
alter table companies add part_of_evidence json;
create index companies_part_of_idx on companies (part_of) where part_of is not null;

-- What a company is a part of; null when that is nothing, or the two are one by now.
create function company_whole(company uuid) returns uuid
    language sql stable
    return (select coalesce(w.merged_into, w.id)
            from companies c join companies w on w.id = c.part_of
            where (c.id = company or c.merged_into = company) and coalesce(w.merged_into, w.id) <> company
            order by c.id <> company, c.id limit 1);

create function company_parts(company uuid) returns setof uuid
    language sql stable
begin atomic
    select distinct coalesce(p.merged_into, p.id)
    from companies w join companies p on p.part_of = w.id
    where (w.id = company or w.merged_into = company) and company_whole(coalesce(p.merged_into, p.id)) = company;
end;

-- Links companies to what they are a part of: [{part, whole, evidence}], the best first. What is linked already stays, and
-- nothing becomes a part of itself by way of others. Returns the parts that were linked.
create function link_company_parts(links jsonb) returns setof uuid
    language plpgsql as $$
declare
    link record;
    above uuid;
    steps integer;
begin
    perform from companies c
    where c.id in (select (l ->> 'part')::uuid from jsonb_array_elements(links) l) order by c.id for no key update;
    for link in select l.* from jsonb_to_recordset(links) as l (part uuid, whole uuid, evidence json) loop
        above := link.whole;
        steps := 0;
        while above is not null and above <> link.part and steps < 10 loop
            above := company_whole(above);
            steps := steps + 1;
        end loop;
        if above is null then
            update companies c set part_of = link.whole, part_of_evidence = link.evidence, updated_at = now()
            where c.id = link.part and c.merged_into is null and company_whole(c.id) is null and c.id <> link.whole;
            if found then
                return next link.part;
            end if;
        end if;
    end loop;
end
$$;
