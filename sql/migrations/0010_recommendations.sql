-- What recommendations need (docs/decisions/0015-recommendations.md).

-- What the events of a series have in common: the name without its numbers.
create function series_key(name text) returns text
    language sql immutable strict parallel safe
    return trim(regexp_replace(regexp_replace(name_key(name), '\d+', '', 'g'), '\s+', ' ', 'g'));

alter table events add series text generated always as (series_key(name)) stored;

-- Is it a zone of the IANA database? Abbreviations (EST) and offsets (UTC+3), which PostgreSQL takes too, are not.
create function is_zone(zone text) returns boolean
    language plpgsql stable strict parallel safe as $$
begin
    if zone not in ('UTC', 'GMT') and zone !~ '^[A-Za-z][A-Za-z_]*/[A-Za-z0-9_+/-]+$' then
        return false;
    end if;
    perform timestamptz 'epoch' at time zone zone;
    return true;
exception when invalid_parameter_value then
    return false;
end
$$;

-- Is an event still ahead, or under way, at an instant? One without a time lasts until its day has ended in its zone;
-- one without a date is not.
create function event_is_ahead(day date, starts_at timestamptz, ends_at timestamptz, zone text, instant timestamptz)
    returns boolean
    language sql stable parallel safe
    return coalesce(case when coalesce(ends_at, starts_at) is not null then coalesce(ends_at, starts_at) >= instant
                         else day >= (instant at time zone case when is_zone(zone) then zone else 'UTC' end)::date end, false);

-- The days between an instant and an event's start, never negative; null for an event without a date.
create function days_apart(day date, starts_at timestamptz, instant timestamptz) returns float8
    language sql stable parallel safe
    return abs(extract(epoch from coalesce(starts_at, day::timestamp at time zone 'UTC') - instant))::float8 / 86400;

-- From a count to a share: none is 0, half is 0.5, and no number reaches 1.
create function saturate(number float8, half float8) returns float8
    language sql immutable strict parallel safe
    return number / (number + half);

-- The cosine of two texts' vectors, from 0 (nothing in common, or no text) to 1.
create function likeness(a vector, b vector) returns float8
    language sql immutable parallel safe
    return greatest(0, least(1, coalesce(nullif(1 - (a <=> b), 'NaN'), 0)));

-- "1 event", "2 events".
create function counted(number bigint, one text, many text) returns text
    language sql immutable strict parallel safe
    return number || ' ' || case number when 1 then one else many end;
