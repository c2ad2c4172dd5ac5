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

-- ------------------------------------------------------------------------------------------------ indexes

create index events_latitude_idx on events (latitude, longitude) where processed_at is not null and merged_into is null;
create index events_starts_idx on events (starts_at) where processed_at is not null and merged_into is null;
create index events_created_idx on events (created_at desc, id desc) where processed_at is not null and merged_into is null;
create index events_quality_idx on events (data_quality_score desc, id desc)
    where processed_at is not null and merged_into is null;
