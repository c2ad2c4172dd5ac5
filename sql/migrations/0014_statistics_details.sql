-- Statistics that stand up to a catalogue that grows, and names found as people type them.

-- Of n events k are about something, of m before them l: how far the share rose, in standard deviations. Angles whose
-- sine is the root of the share have the variance 1 / (4n + 2), whatever the share; adding 3/8 to k and to n - k makes
-- that hold for small numbers too. F. J. Anscombe, Biometrika 35 (1948), 246-254.
create function share_angle(k bigint, n bigint) returns float8
    language sql immutable strict parallel safe
    return 2 * asin(sqrt((k + 0.375) / (n + 0.75)));
create function share_deviation(n bigint, m bigint) returns float8
    language sql immutable strict parallel safe
    return sqrt(1 / (n + 0.5) + 1 / (m + 0.5));
-- It took the length of the spans for what could be expected, and every topic rose as the catalogue grew.
drop function poisson_rise(bigint, bigint, float8);

-- Where a person worked by the pages they appeared on: what each page says of them under one of their names, by the
-- event's date; the newest first. One company in several spellings is one, under the spelling seen last. Until a day
-- (included) means what could be said then; null is for ever, and takes in events without a date.
create function speaker_companies_until(speaker uuid, until date) returns json
    language sql stable parallel safe
    return (
        select coalesce(json_agg(json_build_object('name', c.name, 'events', c.events, 'first_seen', c.first_seen,
                                                   'last_seen', c.last_seen)
                                 order by c.last_seen desc nulls last, c.name), '[]')
        from (select (array_agg(x ->> 'company' order by e.date desc nulls last, e.id, x ->> 'company'))[1] as name,
                     count(distinct e.id) as events, min(e.date) as first_seen, max(e.date) as last_seen
              from events e
              cross join lateral jsonb_array_elements(case jsonb_typeof(e.extracted_data -> 'speakers') when 'array'
                                                      then e.extracted_data -> 'speakers' else '[]' end) x
              where e.id in (select es.event_id from event_speakers es where es.speaker_id = speaker)
                and e.processed_at is not null and e.merged_into is null
                and (until is null or e.date <= until)
                and x ->> 'company' <> ''
                and name_key(x ->> 'name') in (
                    select s.normalized_name from speakers s where s.id = speaker
                    union select name_key(a.name) from speaker_aliases a where a.speaker_id = speaker)
              group by coalesce(nullif(name_key(x ->> 'company'), ''), x ->> 'company')) c);
create or replace function speaker_companies(speaker uuid) returns json
    language sql stable strict parallel safe
    return speaker_companies_until(speaker, null);

-- ------------------------------------------------------------------------------------------------ names as typed

-- A word of a name counts as what was typed from half of their trigrams on (<%): "lovlace" is Lovelace. Using the
-- extension once makes its settings known to this session, so that the database's owner may set them.
select similarity('a', 'a');
do $$
begin
    execute format('alter database %I set pg_trgm.word_similarity_threshold = 0.5', current_database());
end
$$;

-- Everything that has a name by each key (name_key) that it is found by: its own and those of its other names. Who asks
-- wants is_shown; as a column and not a condition here it lets each branch be read in the order of its index. Every branch
-- has two indexes: by beginnings in byte order, and by trigrams; topics' other names are few.
create view known_names as
    select 'event' as kind, e.id, name_key(e.name) as key, e.processed_at is not null and e.merged_into is null as is_shown
    from events e
    union all select 'speaker', s.id, s.normalized_name, s.merged_into is null from speakers s
    union all select 'speaker', a.speaker_id, name_key(a.name), true from speaker_aliases a
    union all select 'company', c.id, c.normalized_name, c.merged_into is null from companies c
    union all select 'company', a.company_id, name_key(a.name), true from company_aliases a
    union all select 'topic', t.id, t.normalized_name, true from topics t
    union all select 'topic', t.id, a.alias, true from topic_aliases a join topics t on t.normalized_name = a.name
    union all select 'topic', t.id, a.name, true from topic_aliases a join topics t on t.normalized_name = a.alias;

create index events_name_key_idx on events (name_key(name) text_pattern_ops)
    where processed_at is not null and merged_into is null;
create index events_name_trigram_idx on events using gin (name_key(name) gin_trgm_ops)
    where processed_at is not null and merged_into is null;
create index speakers_beginning_idx on speakers (normalized_name text_pattern_ops) where merged_into is null;
create index companies_beginning_idx on companies (normalized_name text_pattern_ops) where merged_into is null;
create index topics_beginning_idx on topics (normalized_name text_pattern_ops);
create index speaker_aliases_beginning_idx on speaker_aliases (name_key(name) text_pattern_ops);
create index company_aliases_beginning_idx on company_aliases (name_key(name) text_pattern_ops);
create index speaker_aliases_trigram_idx on speaker_aliases using gin (name_key(name) gin_trgm_ops);
create index company_aliases_trigram_idx on company_aliases using gin (name_key(name) gin_trgm_ops);

-- A key with one letter too many taken out, or two neighbours the other way round: what trigrams of short words miss.
create function near_keys(key text) returns text[]
    language sql immutable strict parallel safe
    return array(
        select distinct k from generate_series(1, length(key)) i
        cross join lateral unnest(array[
            left(key, i - 1) || substr(key, i + 1),
            left(key, i - 1) || substr(key, i + 1, 1) || substr(key, i, 1) || substr(key, i + 2)]) k
        where k <> key and length(k) >= 2);
