-- Notes at the addresses of an event that was read what its page said. The one that the page gives itself is new perhaps; one
-- that belongs to another event stays there.
-- param: id uuid
-- param: url text -- the page's own address; null: it gives none
-- param: fields jsonb -- the extractor's event, flat
insert into event_sources as s (url, event_id, name, starts_at, day, last_seen_at)
select u.url, :id, f.name, f.starts_at, f.date,
       coalesce((select e.scraped_at from events e where e.id = :id), now()) -- when the page was fetched, not when it is read
from (select e.luma_url as url from events e where e.id = :id
      union select :url) u
cross join jsonb_to_record(:fields) as f (name text, starts_at timestamptz, date date)
where u.url <> ''
order by u.url
on conflict (url) do update
set last_seen_at = excluded.last_seen_at,
    name = case when s.event_id = excluded.event_id then excluded.name else s.name end,
    starts_at = case when s.event_id = excluded.event_id then excluded.starts_at else s.starts_at end,
    day = case when s.event_id = excluded.event_id then excluded.day else s.day end
