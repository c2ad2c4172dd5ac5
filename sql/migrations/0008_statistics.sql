-- Statistics, and the people, companies and topics as resources of their own.

-- Names as people type them: beginnings and near misses.
create index speakers_name_trigram_idx on speakers using gin (normalized_name gin_trgm_ops);
create index companies_name_trigram_idx on companies using gin (normalized_name gin_trgm_ops);
create index topics_name_trigram_idx on topics using gin (normalized_name gin_trgm_ops);
create index speakers_listed_idx on speakers (normalized_name, id) where merged_into is null;
create index speakers_company_key_idx on speakers (name_key(company)) where merged_into is null;
create index companies_listed_idx on companies (normalized_name, id) where merged_into is null;

-- The days of a window such as 30d or 4w; its form is checked before (src/api/routes/stats.c).
create function window_days(span text) returns integer
    language sql immutable strict parallel safe
    return left(span, -1)::integer * case right(span, 1) when 'w' then 7 else 1 end;

-- Two Poisson counts over spans of different length: how far the first is above what the second, scaled by ratio (the
-- first span over the second), lets one expect, in standard deviations. The square roots make the variance the same
-- for small counts. M. D. Huffman, An improved approximate two-sample Poisson test, Applied Statistics 33 (1984).
create function poisson_rise(count bigint, baseline bigint, ratio float8) returns float8
    language sql immutable strict parallel safe
    return 2 * (sqrt(count + 0.375) - sqrt(ratio * (baseline + 0.375))) / sqrt(1 + ratio);

-- Where a person worked by the pages they appeared on: what each page says of them under one of their names, by the
-- event's date; the newest first.
create function speaker_companies(speaker uuid) returns json
    language sql stable strict parallel safe
    return (
        select coalesce(json_agg(json_build_object('name', c.name, 'events', c.events, 'first_seen', c.first_seen,
                                                   'last_seen', c.last_seen)
                                 order by c.last_seen desc nulls last, c.name), '[]')
        from (select x ->> 'company' as name, count(distinct e.id) as events, min(e.date) as first_seen,
                     max(e.date) as last_seen
              from events e
              cross join lateral jsonb_array_elements(case jsonb_typeof(e.extracted_data -> 'speakers') when 'array'
                                                      then e.extracted_data -> 'speakers' else '[]' end) x
              where e.id in (select es.event_id from event_speakers es where es.speaker_id = speaker)
                and e.processed_at is not null and e.merged_into is null
                and x ->> 'company' <> ''
                and name_key(x ->> 'name') in (
                    select s.normalized_name from speakers s where s.id = speaker
                    union select name_key(a.name) from speaker_aliases a where a.speaker_id = speaker)
              group by 1) c);
