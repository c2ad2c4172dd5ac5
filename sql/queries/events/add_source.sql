-- An address at which an event was seen. One that belongs to another event stays there.
-- param: id uuid
-- param: url text
insert into event_sources (url, event_id) values (:url, :id)
on conflict (url) do update set last_seen_at = now()
