-- Data quality: what a score is made of, and what may not be. The one place where an event is judged: processing, the
-- recalculation and the report all come here (docs/decisions/0016-data-quality.md).

-- Completeness: what a whole event has, and what each part is worth. The points are 100 together.
create table quality_parts (
    part text primary key,
    points integer not null check (points > 0),
    position integer not null unique,
    summary text not null,
    fix text not null
);
insert into quality_parts (position, part, points, summary, fix) values
    (1, 'name', 10, 'The event has a name.', 'Give the event''s name.'),
    (2, 'description', 15, 'It is described, in full from 400 characters on.', 'Describe what happens at the event.'),
    (3, 'starts_at', 15, 'The moment when it starts is known.', 'Give date and time of the start.'),
    (4, 'ends_at', 5, 'The moment when it ends is known.', 'Give date and time of the end.'),
    (5, 'timezone', 5, 'Its time zone is known.', 'Give the time zone of the place.'),
    (6, 'place', 10, 'It has a city, or is online.', 'Give the city, or say that it takes place online.'),
    (7, 'country', 5, 'It has a country, or is online.', 'Give the country of the place.'),
    (8, 'coordinates', 5, 'The place has coordinates, or it is online.', 'Give the address, so that the place can be found.'),
    (9, 'image_url', 5, 'It has a picture.', 'Add a picture.'),
    (10, 'speakers', 10, 'Somebody takes part.', 'Name hosts or speakers.'),
    (11, 'companies', 10, 'A company is behind it.', 'Name who presents, hosts or sponsors it.'),
    (12, 'topics', 5, 'It is about something.', 'Say in its name or description what it is about.');

-- Validity: what cannot be true. Each rule that an event breaks takes points off its score.
create table quality_rules (
    code text primary key,
    field text not null,
    severity text not null check (severity in ('error', 'warning')),
    penalty integer generated always as (case severity when 'error' then 10 else 3 end) stored,
    summary text not null,
    fix text not null
);
insert into quality_rules (code, field, severity, summary, fix) values
    ('name_without_letters', 'name', 'error', 'The name has neither letters nor digits.', 'Give a name that can be read.'),
    ('ends_before_starts', 'ends_at', 'error', 'It ends before it starts.', 'Correct start or end.'),
    ('lasts_too_long', 'ends_at', 'warning', 'It lasts longer than 31 days.', 'Correct the end, or split it into its events.'),
    ('start_out_of_range', 'starts_at', 'warning', 'It starts before 1990 or in more than five years.', 'Correct the year.'),
    ('zone_unknown', 'timezone', 'error', 'The time zone is not one of the IANA database.', 'Give an IANA zone such as Europe/Berlin.'),
    ('date_differs', 'date', 'error', 'The date is not the day of the start in its zone.', 'Correct date, start or zone.'),
    ('place_missing', 'location', 'warning', 'It is not online and has no place.', 'Give the place, or say that it takes place online.'),
    ('point_at_zero', 'latitude', 'error', 'The coordinates are 0, 0.', 'Remove the coordinates or give the right ones.'),
    ('point_not_in_country', 'country', 'error', 'The coordinates lie outside the country.', 'Correct the country or the coordinates.'),
    ('image_not_an_address', 'image_url', 'warning', 'The picture''s address is not one of the web.', 'Give an http or https address.'),
    ('language_malformed', 'language', 'warning', 'The language is not a BCP 47 tag.', 'Give a tag such as en or pt-BR.'),
    ('price_negative', 'price_cents', 'error', 'The price is below zero.', 'Correct the price.'),
    ('free_but_priced', 'is_free', 'warning', 'It is free and has a price.', 'Decide which of the two is right.'),
    ('price_without_currency', 'price_currency', 'warning', 'It has a price without a currency.', 'Give the currency.'),
    ('guests_negative', 'guest_count', 'error', 'Fewer than no guests are expected.', 'Correct the number of guests.'),
    ('speaker_without_name', 'speakers', 'warning', 'Somebody''s name is no name.', 'Give the person''s name, or remove the entry.'),
    ('company_without_name', 'companies', 'warning', 'A company''s name is no name.', 'Give the company''s name, or remove the entry.'),
    ('scraped_in_future', 'scraped_at', 'error', 'It was fetched at a moment that has not come yet.', 'Set the clock of the scraper, and fetch it again.'),
    ('not_comparable', 'embedding', 'warning', 'It has no embedding, so nothing is similar to it.', 'Process it again, once it has words.');

-- Boxes around countries, in degrees, without far islands that are countries of their own; a west that is east of the
-- east crosses 180°. Countries that are not here are not judged.
create table country_boxes (
    country text primary key,
    west float8 not null,
    south float8 not null,
    east float8 not null,
    north float8 not null
);
insert into country_boxes (country, west, south, east, north) values
    ('AE', 51, 22.5, 56.5, 26.5), ('AR', -73.6, -55.1, -53.6, -21.7), ('AT', 9.5, 46.3, 17.2, 49.1), ('AU', 112.9, -43.7, 153.7, -10),
    ('BD', 88, 20.6, 92.7, 26.7), ('BE', 2.5, 49.4, 6.5, 51.6), ('BG', 22.3, 41.2, 28.7, 44.3), ('BR', -74.1, -33.8, -34.7, 5.4),
    ('CA', -141.1, 41.6, -52.6, 83.2), ('CH', 5.9, 45.8, 10.5, 47.9), ('CL', -109.5, -56, -66.4, -17.5), ('CN', 73.5, 18, 134.8, 53.6),
    ('CO', -82, -4.3, -66.8, 13.5), ('CR', -87.2, 5.4, -82.5, 11.3), ('CZ', 12, 48.5, 18.9, 51.1), ('DE', 5.8, 47.2, 15.1, 55.1),
    ('DK', 8, 54.5, 15.3, 57.8), ('EE', 21.7, 57.5, 28.3, 59.8), ('EG', 24.6, 21.9, 37, 31.8), ('ES', -18.3, 27.6, 4.4, 43.9),
    ('FI', 19, 59.7, 31.6, 70.1), ('FR', -5.3, 41.3, 9.7, 51.2), ('GB', -8.7, 49.8, 1.9, 60.9), ('GE', 40, 41, 46.8, 43.6),
    ('GH', -3.3, 4.7, 1.3, 11.2), ('GR', 19.3, 34.7, 28.3, 41.8), ('HK', 113.8, 22.1, 114.5, 22.6), ('HR', 13.4, 42.3, 19.5, 46.6),
    ('HU', 16.1, 45.7, 22.9, 48.6), ('ID', 94.9, -11.1, 141.1, 6.1), ('IE', -10.7, 51.4, -5.9, 55.4), ('IL', 34.2, 29.4, 35.9, 33.4),
    ('IN', 68, 6.7, 97.4, 35.6), ('IS', -24.6, 63.3, -13.4, 66.6), ('IT', 6.6, 35.4, 18.6, 47.1), ('JP', 122.9, 24, 146, 45.6),
    ('KE', 33.9, -4.8, 41.9, 5.1), ('KR', 124.5, 33, 131, 38.7), ('KZ', 46.4, 40.5, 87.4, 55.5), ('LT', 20.9, 53.8, 26.9, 56.5),
    ('LU', 5.7, 49.4, 6.6, 50.2), ('LV', 20.9, 55.6, 28.3, 58.1), ('MA', -17.2, 20.7, -0.9, 36), ('MX', -118.5, 14.5, -86.6, 32.8),
    ('MY', 99.6, 0.8, 119.3, 7.4), ('NG', 2.6, 4.2, 14.7, 13.9), ('NL', 3.3, 50.7, 7.3, 53.6), ('NO', 4.4, 57.9, 31.2, 71.3),
    ('NZ', 166.4, -47.4, -175.8, -29.2), ('PE', -81.4, -18.4, -68.6, 0), ('PH', 116.9, 4.6, 126.7, 21.2), ('PK', 60.8, 23.6, 77.9, 37.2),
    ('PL', 14.1, 49, 24.2, 54.9), ('PT', -31.4, 32.3, -6.1, 42.2), ('RO', 20.2, 43.6, 29.8, 48.3), ('RS', 18.8, 42.2, 23.1, 46.2),
    ('RU', 19.6, 41.1, -169, 81.9), ('RW', 28.8, -2.9, 30.9, -1), ('SA', 34.4, 16.3, 55.7, 32.2), ('SE', 10.9, 55.3, 24.2, 69.1),
    ('SG', 103.5, 1.1, 104.5, 1.5), ('SI', 13.3, 45.4, 16.7, 46.9), ('SK', 16.8, 47.7, 22.6, 49.7), ('TH', 97.3, 5.6, 105.7, 20.5),
    ('TR', 25.6, 35.8, 44.9, 42.2), ('TW', 118.1, 21.8, 122.1, 26.5), ('TZ', 29.3, -11.8, 40.5, -0.9), ('UA', 22.1, 44.3, 40.3, 52.4),
    ('UG', 29.5, -1.5, 35.1, 4.3), ('US', -180, 18.9, -66.9, 71.5), ('UY', -58.5, -35.1, -53.1, -30), ('VN', 102.1, 8.1, 109.6, 23.4),
    ('ZA', 16.4, -34.9, 33, -22.1);

-- Can it be the name of somebody? Not without a letter, not an address, not what stands where a name is to come.
create function is_name(name text) returns boolean
    language sql immutable strict parallel safe
    return name ~ '[[:alpha:]]' and name !~* '(https?://|www\.|@[a-z0-9-]+\.[a-z])' and length(name) between 2 and 120
           and fold_text(trim(name)) not in ('tba', 'tbd', 'tbc', 'n/a', 'na', 'none', 'null', 'unknown', 'undefined', 'anonymous',
                                             'speaker', 'speakers', 'guest', 'guests', 'guest speaker', 'special guest', 'host',
                                             'hosts', 'team', 'admin', 'to be announced', 'to be determined', 'and more', 'test');

-- Completeness of events, part by part: the share of its points, 0 to 1.
create function event_parts(ids uuid[]) returns table (event_id uuid, part text, share float8)
    language sql stable parallel safe
begin atomic
    select e.id, p.part, p.share
    from events e
    cross join lateral (values
        ('name', (trim(e.name) <> '')::int::float8),
        ('description', least(1, length(coalesce(e.description, '')) / 400.0)::float8),
        ('starts_at', (e.starts_at is not null)::int::float8),
        ('ends_at', (e.ends_at is not null)::int::float8),
        ('timezone', (e.timezone is not null)::int::float8),
        ('place', (e.is_online or e.city is not null)::int::float8),
        ('country', (e.is_online or e.country is not null)::int::float8),
        ('coordinates', (e.is_online or e.latitude is not null)::int::float8),
        ('image_url', (e.image_url is not null)::int::float8),
        ('speakers', exists (select from event_speakers l where l.event_id = e.id)::int::float8),
        ('companies', exists (select from event_companies l where l.event_id = e.id)::int::float8),
        ('topics', exists (select from event_topics l where l.event_id = e.id)::int::float8)) p(part, share)
    where e.id = any (ids);
end;

-- The rules that events break, each with what was found. Names are judged once each, and what was found is written only
-- for a rule that is broken: the report asks about all events.
create function event_defects(ids uuid[]) returns table (event_id uuid, code text, found text)
    language sql stable
begin atomic
    with subjects as (
        select * from events e where e.id = any (ids)
    ), zones as materialized (
        select z.timezone, is_zone(z.timezone) as is_known
        from (select distinct s.timezone from subjects s where s.timezone is not null) z
    ), nobodies as materialized (
        select p.id, p.name from speakers p
        where p.id in (select l.speaker_id from event_speakers l where l.event_id = any (ids)) and not is_name(p.name)
    ), people as materialized (
        select l.event_id, string_agg(distinct p.name, ', ' order by p.name) as names
        from nobodies p join event_speakers l on l.speaker_id = p.id where l.event_id = any (ids) group by l.event_id
    ), no_firms as materialized (
        select c.id, c.name from companies c
        where c.id in (select l.company_id from event_companies l where l.event_id = any (ids)) and not is_name(c.name)
    ), firms as materialized (
        select l.event_id, string_agg(distinct c.name, ', ' order by c.name) as names
        from no_firms c join event_companies l on l.company_id = c.id where l.event_id = any (ids) group by l.event_id
    )
    select e.id, r.code,
           case r.code
               when 'name_without_letters' then e.name
               when 'ends_before_starts' then iso_time(e.ends_at)
               when 'lasts_too_long' then (e.ends_at - e.starts_at)::text
               when 'start_out_of_range' then iso_time(e.starts_at)
               when 'zone_unknown' then e.timezone
               when 'date_differs' then e.date::text
               when 'point_at_zero' then '0, 0'
               when 'point_not_in_country' then concat_ws(', ', e.country, e.latitude, e.longitude)
               when 'image_not_an_address' then e.image_url
               when 'language_malformed' then e.language
               when 'price_negative' then e.price_cents::text
               when 'free_but_priced' then e.price_cents::text
               when 'price_without_currency' then e.price_cents::text
               when 'guests_negative' then e.guest_count::text
               when 'speaker_without_name' then people.names
               when 'company_without_name' then firms.names
               when 'scraped_in_future' then iso_time(e.scraped_at)
           end
    from subjects e
    left join zones z on z.timezone = e.timezone
    left join country_boxes b on b.country = e.country
    left join people on people.event_id = e.id
    left join firms on firms.event_id = e.id
    cross join lateral (values
        ('name_without_letters', e.name !~ '[[:alnum:]]'),
        ('ends_before_starts', e.ends_at < e.starts_at),
        ('lasts_too_long', e.ends_at - e.starts_at > interval '31 days'),
        ('start_out_of_range', e.starts_at < '1990-01-01Z' or e.starts_at > now() + interval '5 years'),
        ('zone_unknown', not z.is_known),
        ('date_differs', e.date <> case when z.is_known then (e.starts_at at time zone e.timezone)::date end),
        ('place_missing', not e.is_online and e.city is null and e.location is null and e.latitude is null),
        ('point_at_zero', e.latitude = 0 and e.longitude = 0),
        ('point_not_in_country',
         e.latitude not between b.south - 0.5 and b.north + 0.5
         or case when b.west <= b.east then e.longitude not between b.west - 0.5 and b.east + 0.5
                 else e.longitude < b.west - 0.5 and e.longitude > b.east + 0.5 end),
        ('image_not_an_address', e.image_url !~* '^https?://[^/\s]+'),
        ('language_malformed', e.language !~* '^[a-z]{2,3}(-[a-z0-9]{1,8})*$'),
        ('price_negative', e.price_cents < 0),
        ('free_but_priced', e.is_free and e.price_cents > 0),
        ('price_without_currency', e.price_cents > 0 and e.price_currency is null),
        ('guests_negative', e.guest_count < 0),
        ('speaker_without_name', people.names is not null),
        ('company_without_name', firms.names is not null),
        ('scraped_in_future', e.scraped_at > now() + interval '5 minutes'),
        ('not_comparable', e.embedding is null)) r(code, is_broken)
    where r.is_broken;
end;

-- The score: the points of what is there, rounded down, less the penalties of what cannot be; never below 0.
create function event_scores(ids uuid[]) returns table (event_id uuid, completeness numeric, penalty integer, score integer)
    language sql stable
begin atomic
    select c.event_id, c.points, coalesce(d.penalty, 0), greatest(0, floor(c.points)::integer - coalesce(d.penalty, 0))
    from (select p.event_id, sum(round((p.share * q.points)::numeric, 4)) as points
          from event_parts(ids) p join quality_parts q on q.part = p.part group by p.event_id) c
    left join (select d.event_id, sum(r.penalty)::integer as penalty
               from event_defects(ids) d join quality_rules r on r.code = d.code group by d.event_id) d
           on d.event_id = c.event_id;
end;

-- Gives events the scores they deserve; returns those whose score was another. The caller renders them.
create function score_events(ids uuid[]) returns setof uuid
    language sql
begin atomic
    update events e set data_quality_score = s.score
    from event_scores(ids) s
    where e.id = s.event_id and e.data_quality_score <> s.score
    returning e.id;
end;

-- Asks for a job that judges these events again (null: all there are when it runs). The same wish that waits already is
-- one; its events are those of job_events, however many they are.
create function request_recalculation(ids uuid[], request text) returns uuid
    language plpgsql as $$
declare
    job uuid := enqueue_job('quality', case when ids is null then '{}'::json else json_build_object('events', cardinality(ids)) end,
                            coalesce(md5(ids::text), 'all'), request, 7);
begin
    insert into job_events (job_id, event_id) select job, i from unnest(ids) i on conflict do nothing;
    return job;
end
$$;

-- Scores anew the next events behind an id, at most so many, of those of a job or (null) of all; what changes is rendered
-- and told.
create function recalculate_quality(job uuid, behind uuid, slice integer,
                                    out events integer, out changed integer, out last uuid)
    language plpgsql as $$
declare
    those uuid[];
    other uuid[];
begin
    if job is null then
        select array_agg(e.id) into those
        from (select e.id from events e
              where e.id > behind and e.merged_into is null and e.processed_at is not null
              order by e.id limit slice for update) e;
    else
        select array_agg(e.id) into those
        from (select e.id from job_events j join events e on e.id = j.event_id
              where j.job_id = job and j.event_id > behind and e.merged_into is null and e.processed_at is not null
              order by j.event_id limit slice for update of e) e;
    end if;
    other := array(select score_events(those));
    update events e set updated_at = now() where e.id = any (other);
    perform render_events(other);
    perform record_changes('event.updated', other);
    events := coalesce(cardinality(those), 0);
    changed := cardinality(other);
    last := coalesce(those[cardinality(those)], behind);
end
$$;
