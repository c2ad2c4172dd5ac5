-- What the lists need: other names of topics, looking up by name, days in an event's own zone, distances, indexes.

-- ------------------------------------------------------------------------------------------------ names

-- Usual other names of topics; both sides are keys (name_normalize of src/lib/text/names.h).
create table topic_aliases (
    alias text primary key,
    name text not null
);
create index topic_aliases_name_idx on topic_aliases (name);
insert into topic_aliases (alias, name) values
    ('artificial intelligence', 'ai'),
    ('a i', 'ai'),
    ('ml', 'machine learning'),
    ('dl', 'deep learning'),
    ('genai', 'generative ai'),
    ('gen ai', 'generative ai'),
    ('generative artificial intelligence', 'generative ai'),
    ('llms', 'llm'),
    ('large language model', 'llm'),
    ('large language models', 'llm'),
    ('ai agents', 'agents'),
    ('agentic ai', 'agents'),
    ('nlp', 'natural language processing'),
    ('cv', 'computer vision'),
    ('rl', 'reinforcement learning'),
    ('technology', 'tech'),
    ('web 3', 'web3'),
    ('cryptocurrency', 'crypto'),
    ('cryptocurrencies', 'crypto'),
    ('block chain', 'blockchain'),
    ('defi', 'decentralized finance'),
    ('startup', 'startups'),
    ('start ups', 'startups'),
    ('start up', 'startups'),
    ('vc', 'venture capital'),
    ('hackathons', 'hackathon'),
    ('meetups', 'meetup'),
    ('meet up', 'meetup'),
    ('workshops', 'workshop'),
    ('conferences', 'conference'),
    ('ux', 'user experience'),
    ('oss', 'open source'),
    ('opensource', 'open source'),
    ('infosec', 'cybersecurity'),
    ('cyber security', 'cybersecurity'),
    ('k8s', 'kubernetes'),
    ('js', 'javascript'),
    ('ar', 'augmented reality'),
    ('vr', 'virtual reality'),
    ('iot', 'internet of things'),
    ('biotechnology', 'biotech'),
    ('financial technology', 'fintech'),
    ('climate tech', 'climate'),
    ('climatetech', 'climate'),
    ('health tech', 'healthtech'),
    ('ed tech', 'edtech'),
    ('education technology', 'edtech');

-- A text that is an id, as one; null for all others.
create function uuid_or_null(value text) returns uuid
    language sql immutable strict parallel safe
    return case when value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then value::uuid end;

-- The key of a name as written: close to name_normalize, for names that are kept in their spelling only.
create function name_key(name text) returns text
    language sql immutable strict parallel safe
    return trim(regexp_replace(regexp_replace(fold_text(name), '[^[:alnum:][:space:]]', '', 'g'), '\s+', ' ', 'g'));
create index speaker_aliases_key_idx on speaker_aliases (name_key(name));
create index company_aliases_key_idx on company_aliases (name_key(name));

-- Topics that are meant by keys or ids: the names themselves, what they are other names of, and that one's other names.
create function topic_ids(wanted text[]) returns uuid[]
    language sql stable strict parallel safe
    return array(
        with asked as (
            select w as name from unnest(wanted) w
        ), meant as (
            select name from asked
            union select a.name from topic_aliases a join asked on a.alias = asked.name
        ), names as (
            select name from meant
            union select a.alias from topic_aliases a join meant on a.name = meant.name
        )
        select t.id from topics t where t.normalized_name in (select name from names)
        union select t.id from topics t where t.id in (select uuid_or_null(name) from asked));

-- Who is meant by a key or an id; those who turned out to be somebody else count as that one.
create function speaker_ids(wanted text) returns uuid[]
    language sql stable strict parallel safe
    return array(
        select coalesce(s.merged_into, s.id) from speakers s where s.normalized_name = wanted
        union select coalesce(s.merged_into, s.id) from speakers s where s.id = uuid_or_null(wanted)
        union select coalesce(s.merged_into, s.id) from speaker_aliases a join speakers s on s.id = a.speaker_id
              where name_key(a.name) = wanted);
create function company_ids(wanted text) returns uuid[]
    language sql stable strict parallel safe
    return array(
        select coalesce(c.merged_into, c.id) from companies c where c.normalized_name = wanted
        union select coalesce(c.merged_into, c.id) from companies c where c.id = uuid_or_null(wanted)
        union select coalesce(c.merged_into, c.id) from company_aliases a join companies c on c.id = a.company_id
              where name_key(a.name) = wanted);

-- ------------------------------------------------------------------------------------------------ time and place

-- A zone that PostgreSQL knows, as it is; null for all others. Events have none but such (sql/queries/events/store_event.sql,
-- edit_event), so that whoever asks for their days need not look again. (What PostgreSQL takes besides, such as UTC+3, fails
-- nothing; the quality report tells of it.)
create function usable_zone(zone text) returns text
    language plpgsql stable strict parallel safe as $$
begin
    perform timestamptz 'epoch' at time zone zone;
    return zone;
exception when invalid_parameter_value then
    return null;
end
$$;

do $$
declare
    changed uuid[];
begin
    with bad as materialized (
        select z.timezone from (select distinct e.timezone from events e where e.timezone is not null) z
        where usable_zone(z.timezone) is null
    ), cleared as (
        update events e set timezone = null, updated_at = now() from bad where e.timezone = bad.timezone returning e.id)
    select array_agg(c.id) into changed from cleared c;
    perform render_events(changed);
end
$$;

-- The day that it is in a zone.
create function local_day(zone text) returns date
    language sql stable parallel safe
    return (now() at time zone coalesce(zone, 'UTC'))::date;

-- The last day of an event in its own zone; a night until six belongs to the day before.
create function event_last_day(day date, ends_at timestamptz, zone text) returns date
    language sql stable parallel safe
    return greatest(day, ((ends_at at time zone coalesce(zone, 'UTC')) - interval '6 hours')::date);

-- Has it ended? One without an end ends when it starts, one without a time with its day. Null for one without a date.
create function event_is_over(day date, starts_at timestamptz, ends_at timestamptz, zone text) returns boolean
    language sql stable parallel safe
    return case when coalesce(ends_at, starts_at) is not null then coalesce(ends_at, starts_at) < now()
                else day < local_day(zone) end;

-- Kilometres along the surface of a sphere (haversine).
create function distance_km(latitude1 float8, longitude1 float8, latitude2 float8, longitude2 float8) returns float8
    language sql immutable strict parallel safe
    return 2 * 6371.0088 * asin(sqrt(least(1,
        power(sin(radians(latitude2 - latitude1) / 2), 2) +
        cos(radians(latitude1)) * cos(radians(latitude2)) * power(sin(radians(longitude2 - longitude1) / 2), 2))));

-- ------------------------------------------------------------------------------------------------ search

-- What somebody typed (websearch_to_tsquery), with any of the words instead of all. What was excluded stays so; a query
-- that has both an exclusion and an "or" is left as it is.
create function search_any(strict tsquery) returns tsquery
    language sql immutable strict parallel safe
    return case
        when strpos(strict::text, '!') = 0 then replace(strict::text, ' & ', ' | ')::tsquery
        when strpos(strict::text, ' | ') > 0 then strict
        else coalesce((select ('(' || string_agg(piece, ' | ') filter (where not starts_with(piece, '!')) || ') & ' ||
                               string_agg(piece, ' & ') filter (where starts_with(piece, '!')))::tsquery
                       from unnest(string_to_array(strict::text, ' & ')) piece), strict)
        end;

create function escape_html(value text) returns text
    language sql immutable strict parallel safe
    return replace(replace(replace(value, '&', '&amp;'), '<', '&lt;'), '>', '&gt;');

-- ------------------------------------------------------------------------------------------------ indexes

create index events_latitude_idx on events (latitude, longitude) where processed_at is not null and merged_into is null;
create index events_starts_idx on events (starts_at) where processed_at is not null and merged_into is null;
create index events_created_idx on events (created_at desc, id desc) where processed_at is not null and merged_into is null;
create index events_quality_idx on events (data_quality_score desc, id desc)
    where processed_at is not null and merged_into is null;

-- ------------------------------------------------------------------------------------------------ edits

-- What people said about an event over what its page says: flat fields as the extractor names them. Processing the page
-- again does not touch them (sql/queries/events/store_event.sql).
alter table events add overrides jsonb not null default '{}';
-- The English name of the country that the page names: in the page's record it is not, and events are found by it.
alter table events add page_country_name text;

-- Changes fields of an event by hand; a null takes an earlier change back: what the page says counts again.
create function apply_edit(event uuid, data jsonb) returns void
    language plpgsql as $$
declare
    old events;
    page jsonb;
    kept jsonb;
    plain jsonb;
begin
    select * into old from events e where e.id = event;
    page := coalesce(old.extracted_data -> 'event', '{}') || jsonb_build_object(
        'country_name', case when data -> 'country' = 'null' then old.page_country_name end);
    if data ? 'country' then -- a country and its name are a pair
        data := jsonb_build_object('country_name', null) || data;
    end if;
    kept := jsonb_strip_nulls(old.overrides || data);
    plain := jsonb_build_object(
        'name', old.name, 'description', old.description, 'location', old.location, 'venue', old.venue,
        'address', old.address, 'city', old.city, 'region', old.region, 'country', old.country,
        'latitude', old.latitude, 'longitude', old.longitude, 'starts_at', old.starts_at, 'ends_at', old.ends_at,
        'timezone', old.timezone, 'is_online', old.is_online, 'status', old.status, 'image_url', old.image_url,
        'language', old.language, 'is_free', old.is_free);
    plain := plain || (select coalesce(jsonb_object_agg(k, page -> k), '{}') from jsonb_object_keys(data) k
                       where data -> k = 'null' and (k <> 'name' or page ->> k <> ''));
    update events e
    set overrides = kept, updated_at = now(), name = r.name, description = r.description, location = r.location,
        venue = r.venue, address = r.address, city = r.city, region = r.region, country = r.country,
        latitude = r.latitude, longitude = r.longitude, starts_at = r.starts_at, ends_at = r.ends_at,
        timezone = usable_zone(r.timezone), is_online = coalesce(r.is_online, false),
        status = coalesce(r.status, 'scheduled'), image_url = r.image_url, language = r.language, is_free = r.is_free,
        -- An event that has a day and no time keeps its day, whatever is said about its zone.
        date = case when r.starts_at is not null and kept ?| '{starts_at,timezone}'
                    then (r.starts_at at time zone coalesce(usable_zone(r.timezone), 'UTC'))::date
                    when data ? 'starts_at' or (r.starts_at is not null and data ? 'timezone') then (page ->> 'date')::date
                    else old.date end,
        -- The name of the country is among the keys: it stays as long as the country does.
        place_keys = array(
            select distinct fold_text(k) from unnest(array[r.city, r.region, r.country, r.venue, r.country_name, r.location]) k
            where k <> ''
            union
            select k from unnest(old.place_keys) k
            where r.country is not distinct from old.country
              and k <> all (array(select fold_text(o) from unnest(array[
                  old.city, old.region, old.country, old.venue, old.location]) o where o is not null)))
    from jsonb_to_record(plain || kept) as r (
        name text, description text, location text, venue text, address text, city text, region text, country text,
        country_name text, latitude double precision, longitude double precision, starts_at timestamptz,
        ends_at timestamptz, timezone text, is_online boolean, status text, image_url text, language text,
        is_free boolean)
    where e.id = event;
    -- Read before its name was kept: another reading finds it.
    if data -> 'country' = 'null' and page ->> 'country' is not null and old.page_country_name is null
       and old.raw_html is not null then
        perform enqueue_jobs('process', array[event], true, '0', null, 4);
        perform announce_jobs('process');
    end if;
end
$$;

-- After edits: what is derived from the columns, and the word of it. Once for many.
create function finish_edits(ids uuid[]) returns void
    language plpgsql as $$
begin
    perform score_events(ids);
    perform render_events(ids);
    perform project_events(ids);
    perform record_changes('event.updated', ids);
end
$$;

create function edit_event(event uuid, data jsonb) returns void
    language plpgsql as $$
begin
    perform apply_edit(event, data);
    perform finish_edits(array[event]);
end
$$;

-- Removes an event, what was merged into it, and everything that hangs on them; people, companies and topics stay.
create function delete_event(event uuid) returns void
    language plpgsql as $$
declare
    gone uuid[] := array(select e.id from events e where e.id = event or e.merged_into = event order by e.id);
begin
    update batch_items i set state = 'failed', error_code = 'deleted'
    where i.event_id = any (gone) and i.state = 'pending';
    delete from events e where e.id = any (gone);
    perform project_events(gone);
    perform record_changes('event.deleted', gone);
end
$$;

-- One of the operations of POST /api/events/batch that was found to be well-formed. status is that of an answer;
-- code and detail say why it could not be done.
create function run_event_operation(operation jsonb, request text)
    returns table (status integer, data json, code text, detail text, merged_into uuid)
    language plpgsql as $$
#variable_conflict use_column
declare
    event events;
    job uuid;
begin
    select * into event from events e where e.id = (operation ->> 'id')::uuid;
    if event.id is null then
        return query select 404, null::json, 'not_found', 'nothing has this id', null::uuid;
    elsif event.merged_into is not null then
        return query select 308, null::json, 'merged', 'this turned out to be another one', event.merged_into;
    elsif operation ->> 'op' = 'get' then
        return query select 200, event.document, null, null, null::uuid;
    elsif operation ->> 'op' = 'update' and operation -> 'data' ->> 'timezone' is not null
          and usable_zone(operation -> 'data' ->> 'timezone') is null then
        return query select 422, null::json, 'invalid_field', 'nothing is known here about the time zone of data.timezone',
                            null::uuid;
    elsif operation ->> 'op' = 'update' then
        perform apply_edit(event.id, operation -> 'data'); -- its document comes when all edits are finished
        return query select 200, null::json, null, null, null::uuid;
    elsif operation ->> 'op' = 'delete' then
        perform delete_event(event.id);
        return query select 204, null::json, null, null, null::uuid;
    elsif event.raw_html is null then
        return query select 409, null::json, 'conflict', 'no page of this event is stored', null::uuid;
    else
        select p.job_id into job from request_process(event.id, null, null, request) p;
        return query select 202, json_build_object('event_id', event.id, 'job_id', job, 'status', 'queued_for_processing'),
                            null, null, null::uuid;
    end if;
end
$$;

-- Runs operations [{position, op, id, data}] in their order. Atomic: the first that cannot be done undoes all, and the
-- rest is not tried. Dry run: all is undone. One row for each that was tried.
create function run_event_operations(operations jsonb, is_atomic boolean, is_dry_run boolean, request text)
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
    -- Jobs before events, each in the order of their ids, as everywhere.
    perform from jobs j where j.event_id in (
        select (o ->> 'id')::uuid from jsonb_array_elements(operations) o where o ->> 'op' = 'delete')
    order by j.id for update;
    perform lock_jobs(array(
        select (o ->> 'id')::uuid from jsonb_array_elements(operations) o where o ->> 'op' in ('update', 'reprocess')));
    perform from events e where e.id in (
        select (o ->> 'id')::uuid from jsonb_array_elements(operations) o where o ->> 'op' <> 'get')
    order by e.id for update;
    begin
        for operation in select o from jsonb_array_elements(operations) with ordinality as l (o, n) order by n loop
            subject := (operation ->> 'id')::uuid;
            if operation ->> 'op' <> 'update' and subject = any (edited) then
                perform finish_edits(edited);
                edited := '{}';
            end if;
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
        perform finish_edits(edited);
        select array_agg(coalesce(u.data, e.document) order by u.n) into datas
        from unnest(datas, edits) with ordinality as u (data, edited, n) left join events e on e.id = u.edited;
        if is_dry_run or (is_atomic and has_failed) then
            raise exception using errcode = 'EV001', message = 'to be undone';
        end if;
    exception when sqlstate 'EV001' then
        null;
    end;
    return query select * from unnest(positions, statuses, datas, codes, details, survivors);
end
$$;
