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
