-- Adds what this process has counted since the last time.
-- writes: usage, api_keys
-- param: keys uuid[]
-- param: requests bigint[]
-- param: scrapes bigint[]
with counted as (
    select c.key_id, c.requests, c.scrapes
    from unnest(:keys, :requests, :scrapes) as c (key_id, requests, scrapes)
    where exists (select from api_keys k where k.id = c.key_id)
), added as (
    insert into usage as u (key_id, day, requests, scrapes)
    select key_id, (now() at time zone 'UTC')::date, requests, scrapes from counted order by key_id
    on conflict (key_id, day)
    do update set requests = u.requests + excluded.requests, scrapes = u.scrapes + excluded.scrapes
)
update api_keys k set last_used_at = now() from counted c
where k.id = c.key_id and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')
