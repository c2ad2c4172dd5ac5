-- One event as its rendered document, and where it is listed: what another listing says differently stands in "said".
-- param: id uuid
-- param: include_raw_html flag optional
-- index: events_pkey, event_sources_event_idx
select e.document as _item, e.merged_into as _merged_into, nullif(e.overrides - 'country_name', '{}') as overrides,
       (select coalesce(json_agg(json_build_object(
                   'url', s.url, 'host', source_host(s.url), 'kind', source_kind(s.url),
                   'first_seen_at', iso_time(s.first_seen_at), 'last_seen_at', iso_time(s.last_seen_at),
                   'said', nullif(jsonb_strip_nulls(jsonb_build_object(
                       'name', case when s.name is distinct from e.name then s.name end,
                       'starts_at', case when s.starts_at is distinct from e.starts_at then iso_time(s.starts_at) end,
                       'date', case when s.starts_at is null and s.day is distinct from e.date then s.day end)), '{}'))
               order by s.first_seen_at, s.url), '[]')
        from event_sources s where s.event_id = e.id) as listings
--? include_raw_html
       , e.raw_html
--.
from events e where e.id = :id
