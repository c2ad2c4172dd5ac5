-- The tables of the product: events, who and what belongs to them, and the work queue.

-- First: a server that preloads AGE cannot create other extensions' views without its schema.
create extension if not exists age;
create extension if not exists vector;
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists pg_stat_statements;

-- An index scan for neighbours goes on until the filters beside it have let enough rows through. Using the type once
-- makes its settings known to this session, so that the database's owner may set them.
select '[1]'::vector;
do $$
begin
    execute format('alter database %I set hnsw.iterative_scan = strict_order', current_database());
    execute format('alter database %I set hnsw.ef_search = 100', current_database());
end
$$;

-- unaccent() is only stable because its dictionary can be replaced; naming the dictionary makes it fit for
-- generated columns and indexes.
create function fold_text(value text) returns text
    language sql immutable strict parallel safe
    return lower(public.unaccent('public.unaccent'::regdictionary, value));

-- ---------------------------------------------------------------------------------------------- events

create table events (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    description text,
    date date,                                  -- in the event's own zone
    location text,                              -- one line for people
    luma_url text unique,                       -- canonical
    raw_html text compression lz4,              -- the page as last fetched
    extracted_data jsonb,                       -- the extractor's record
    embedding vector(1536),
    embedding_model text,
    data_quality_score integer not null default 0 check (data_quality_score between 0 and 100),
    scraped_at timestamptz default now(),
    processed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),

    luma_id text,                               -- evt-…
    starts_at timestamptz,
    ends_at timestamptz,
    timezone text,                              -- IANA
    venue text,
    address text,
    city text,
    region text,
    country text check (country ~ '^[A-Z]{2}$'), -- ISO 3166-1 alpha-2
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    is_online boolean not null default false,
    status text not null default 'scheduled' check (status in ('scheduled', 'cancelled', 'postponed')),
    image_url text,
    price_cents bigint,
    price_currency text,
    is_free boolean,
    is_sold_out boolean,
    language text,
    guest_count integer,

    processing_status text not null default 'queued'
        check (processing_status in ('queued', 'scraping', 'processing', 'processed', 'failed')),
    processing_error text,                      -- a code of src/lib/base/error_table.h
    processing_error_detail text,
    content_hash text,                          -- SHA-256 of raw_html
    etag text,                                  -- validators of the last fetch
    last_modified text,
    merged_into uuid references events (id),    -- this address turned out to be that event

    place_keys text[] not null default '{}',    -- folded names the event's place is found by
    entity_text text,                           -- names of its speakers, companies and topics, for the full text
    list_item json,                             -- rendered when written: what lists and single reads answer
    document json,

    search tsvector generated always as (
        setweight(to_tsvector('english', fold_text(name)), 'A') ||
        setweight(to_tsvector('english', fold_text(coalesce(entity_text, ''))), 'B') ||
        setweight(to_tsvector('english', fold_text(coalesce(location, ''))), 'B') ||
        setweight(to_tsvector('english', fold_text(coalesce(left(description, 100000), ''))), 'D')) stored
);

create index events_date_idx on events (coalesce(date, '-infinity'::date) desc, id desc)
    where processed_at is not null and merged_into is null;
create index events_place_idx on events using gin (place_keys);
create index events_search_idx on events using gin (search);
create index events_embedding_idx on events using hnsw (embedding vector_cosine_ops);
create index events_merged_idx on events (merged_into) where merged_into is not null;
create unique index events_luma_id_idx on events (luma_id) where merged_into is null;

-- Every address an event was seen at, canonical. Asking for any of them gives the event.
create table event_sources (
    url text primary key,
    event_id uuid not null references events (id) on delete cascade,
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now()
);
create index event_sources_event_idx on event_sources (event_id);

-- One row for every answer of the site: what was fetched when, and whether it had changed.
create table event_snapshots (
    id bigint generated always as identity primary key,
    event_id uuid not null references events (id) on delete cascade,
    url text not null,                          -- after redirects
    http_status integer not null,
    content_hash text,                          -- null for 304
    etag text,
    last_modified text,
    bytes bigint not null,
    duration_ms integer not null,
    fetched_at timestamptz not null default now()
);
create index event_snapshots_event_idx on event_snapshots (event_id, fetched_at desc);

-- ------------------------------------------------------------------------------------- people, companies, topics

create table speakers (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    normalized_name text not null,
    company text,
    title text,
    bio text,
    confidence_score real not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index speakers_normalized_name_idx on speakers (normalized_name);

create table speaker_handles (
    speaker_id uuid not null references speakers (id) on delete cascade,
    kind text not null,                         -- linkedin, x, instagram, youtube, tiktok, website
    value text not null,
    primary key (speaker_id, kind, value)
);
create index speaker_handles_value_idx on speaker_handles (kind, value);

create table speaker_aliases (
    speaker_id uuid not null references speakers (id) on delete cascade,
    name text not null,                         -- as written on a page
    first_seen_at timestamptz not null default now(),
    primary key (speaker_id, name)
);

create table event_speakers (
    event_id uuid not null references events (id) on delete cascade,
    speaker_id uuid not null references speakers (id) on delete cascade,
    role text not null check (role in ('speaker', 'judge', 'host', 'panelist', 'moderator', 'mentor')),
    extraction_confidence real not null default 0,
    evidence text,
    method text,
    primary key (event_id, speaker_id, role)
);
create index event_speakers_speaker_idx on event_speakers (speaker_id, event_id);

create table companies (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    normalized_name text not null unique,
    domain text,
    industry text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table company_aliases (
    company_id uuid not null references companies (id) on delete cascade,
    name text not null,
    first_seen_at timestamptz not null default now(),
    primary key (company_id, name)
);

create table event_companies (
    event_id uuid not null references events (id) on delete cascade,
    company_id uuid not null references companies (id) on delete cascade,
    relationship_type text not null check (relationship_type in ('host', 'sponsor', 'venue', 'partner')),
    extraction_confidence real not null default 0,
    evidence text,
    method text,
    primary key (event_id, company_id, relationship_type)
);
create index event_companies_company_idx on event_companies (company_id, event_id);

create table topics (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    normalized_name text not null unique,
    category text not null check (category in ('technology', 'industry', 'format')),
    created_at timestamptz not null default now()
);

create table event_topics (
    event_id uuid not null references events (id) on delete cascade,
    topic_id uuid not null references topics (id) on delete cascade,
    relevance_score real not null default 0,
    primary key (event_id, topic_id)
);
create index event_topics_topic_idx on event_topics (topic_id, event_id);

-- ------------------------------------------------------------------------------------------------- work

create table batches (
    id uuid primary key default gen_random_uuid(),
    kind text not null check (kind in ('scrape', 'process')),
    request_id text,
    created_at timestamptz not null default now()
);

create table batch_items (
    batch_id uuid not null references batches (id) on delete cascade,
    position integer not null,
    event_id uuid not null references events (id) on delete cascade,
    state text not null default 'pending' check (state in ('pending', 'done', 'failed')),
    error_code text,
    primary key (batch_id, position)
);
-- Finished by event: whoever ends the last job of an event closes what waits for it.
create index batch_items_pending_idx on batch_items (event_id) where state = 'pending';

-- The queue. A job exists exactly if its event does; it is claimed with a lease (see sql/queries/jobs).
create table jobs (
    id uuid primary key default gen_random_uuid(),
    kind text not null check (kind in ('scrape', 'process')),
    event_id uuid not null references events (id) on delete cascade,
    state text not null default 'available'
        check (state in ('available', 'executing', 'retryable', 'completed', 'discarded', 'cancelled')),
    priority smallint not null default 5 check (priority between 0 and 9), -- lower goes first
    force boolean not null default false,       -- fetch without validators, process an unchanged page again
    max_age interval not null default '0',      -- a page fetched less than this ago is good enough
    attempt integer not null default 0,
    max_attempts integer not null default 20,
    scheduled_at timestamptz not null default now(),
    attempted_at timestamptz,
    attempted_by text,                          -- the worker that holds or held the lease
    lease_until timestamptz,
    completed_at timestamptz,
    error_code text,
    error_detail text,
    request_id text,                            -- of the request that asked for it
    created_at timestamptz not null default now()
) with (fillfactor = 70);                       -- rows change in place several times
-- At most one waiting job of a kind for an event: asking again joins it. (A running one does not count: what it
-- reads may be older than the new wish.)
create unique index jobs_waiting_idx on jobs (event_id, kind) where state in ('available', 'retryable');
create index jobs_claim_idx on jobs (kind, priority, scheduled_at, id) where state in ('available', 'retryable');
create index jobs_lease_idx on jobs (lease_until) where state = 'executing';
create index jobs_event_idx on jobs (event_id, created_at desc);

-- The next moment at which a host may be asked for a page, shared by all workers of all processes.
create table scrape_hosts (
    host text primary key,
    next_request_at timestamptz not null default now()
);

-- ------------------------------------------------------------------------------------------------ places

-- Usual short names: what people type on the left, the folded place names it stands for on the right.
create table place_aliases (
    alias text primary key,
    keys text[] not null
);
insert into place_aliases (alias, keys) values
    ('sf', '{san francisco}'),
    ('san fran', '{san francisco}'),
    ('nyc', '{new york,new york city,manhattan,brooklyn}'),
    ('ny', '{new york,new york city,manhattan,brooklyn}'),
    ('new york city', '{new york,manhattan,brooklyn}'),
    ('la', '{los angeles}'),
    ('dc', '{washington,"washington, dc","washington dc"}'),
    ('washington dc', '{washington,"washington, dc"}'),
    ('philly', '{philadelphia}'),
    ('vegas', '{las vegas}'),
    ('atx', '{austin}'),
    ('blr', '{bengaluru,bangalore}'),
    ('bangalore', '{bengaluru}'),
    ('bombay', '{mumbai}'),
    ('hk', '{hong kong}'),
    ('sg', '{singapore}'),
    ('tlv', '{tel aviv,"tel aviv-yafo"}'),
    ('cdmx', '{mexico city,ciudad de mexico}'),
    ('mexico city', '{ciudad de mexico}'),
    ('munich', '{munchen}'),
    ('cologne', '{koln}'),
    ('vienna', '{wien}'),
    ('prague', '{praha}'),
    ('lisbon', '{lisboa}'),
    ('milan', '{milano}'),
    ('rome', '{roma}'),
    ('zurich', '{zuerich}'),
    ('bay area', '{san francisco,oakland,berkeley,san jose,palo alto,mountain view,menlo park,sunnyvale,santa clara,redwood city,san mateo,cupertino,fremont,south san francisco,burlingame,los altos,stanford,emeryville}'),
    ('silicon valley', '{palo alto,mountain view,menlo park,sunnyvale,santa clara,san jose,cupertino,redwood city,los altos,stanford}'),
    ('usa', '{us,united states}'),
    ('us', '{united states}'),
    ('america', '{us,united states}'),
    ('uk', '{gb,united kingdom}'),
    ('britain', '{gb,united kingdom}'),
    ('uae', '{ae,united arab emirates}'),
    ('korea', '{kr,south korea}'),
    ('ca', '{california}'),
    ('tx', '{texas}');

-- What a place somebody typed may stand for: itself and, for a short name, its meanings.
create function place_lookup(place text) returns text[]
    language sql stable strict parallel safe
    return array[fold_text(trim(place))] ||
           coalesce((select keys from place_aliases where alias = fold_text(trim(place))), '{}');

-- ------------------------------------------------------------------------------------ documents, rendered on write

-- RFC 3339 in UTC, the one form of instants on the wire.
create function iso_time(instant timestamptz) returns text
    language sql stable strict parallel safe
    return to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') ||
           case when date_trunc('second', instant) = instant then '' else to_char(instant at time zone 'UTC', '.MS') end ||
           'Z';

-- Renders list_item, document and entity_text of events from the tables. Called in the transaction of every change.
-- Rows become objects by row_to_json, which writes no white space: these bytes are sent as they are.
create function render_events(ids uuid[]) returns void
    language sql
begin atomic
    update events e
    set entity_text = r.entity_text, list_item = r.list_item, document = r.document
    from (
        select e.id,
               concat_ws(' ', s.names, c.names, t.names) as entity_text,
               (select row_to_json(i) from (
                    select e.id, e.name, e.date, iso_time(e.starts_at) as starts_at, iso_time(e.ends_at) as ends_at,
                           e.timezone, e.location, e.city, e.country, e.is_online, e.status, e.luma_url, e.image_url,
                           coalesce(t.name_list, '[]'::json) as topics, e.data_quality_score, e.processing_status
                ) i) as list_item,
               (select row_to_json(d) from (
                    select e.id, e.name, e.description, e.date, iso_time(e.starts_at) as starts_at,
                           iso_time(e.ends_at) as ends_at, e.timezone, e.location, e.venue, e.address, e.city, e.region,
                           e.country, e.latitude, e.longitude, e.is_online, e.status, e.luma_url, e.image_url,
                           e.price_cents, e.price_currency, e.is_free, e.is_sold_out, e.language, e.guest_count,
                           e.data_quality_score, e.processing_status, e.processing_error, e.processing_error_detail,
                           coalesce(s.list, '[]'::json) as speakers, coalesce(c.list, '[]'::json) as companies,
                           coalesce(t.list, '[]'::json) as topics, e.extracted_data,
                           coalesce(u.list, '[]'::json) as sources, iso_time(e.scraped_at) as scraped_at,
                           iso_time(e.processed_at) as processed_at, iso_time(e.created_at) as created_at,
                           iso_time(e.updated_at) as updated_at
                ) d) as document
        from events e
        left join lateral (
            select string_agg(l.name, ' ') as names, array_to_json(array_agg(row_to_json(l))) as list
            from (select s.id, s.name, s.company, es.role, es.extraction_confidence
                  from event_speakers es join speakers s on s.id = es.speaker_id
                  where es.event_id = e.id order by es.role, s.name, s.id) l) s on true
        left join lateral (
            select string_agg(l.name, ' ') as names, array_to_json(array_agg(row_to_json(l))) as list
            from (select c.id, c.name, c.domain, ec.relationship_type
                  from event_companies ec join companies c on c.id = ec.company_id
                  where ec.event_id = e.id order by ec.relationship_type, c.name, c.id) l) c on true
        left join lateral (
            select string_agg(l.name, ' ') as names, array_to_json(array_agg(l.name)) as name_list,
                   array_to_json(array_agg(row_to_json(l))) as list
            from (select t.id, t.name, t.category, et.relevance_score
                  from event_topics et join topics t on t.id = et.topic_id
                  where et.event_id = e.id order by et.relevance_score desc, t.name) l) t on true
        left join lateral (
            select array_to_json(array_agg(l.url)) as list
            from (select u.url from event_sources u
                  where u.event_id = e.id order by u.first_seen_at, u.url) l) u on true
        where e.id = any (ids)
    ) r
    where e.id = r.id;
end;
