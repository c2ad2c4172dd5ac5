-- Reserves the next moment at which a host may be asked, for all workers of all processes. Row: how long to wait.
-- param: host text
-- param: delay_ms bigint -- least time between two requests
insert into scrape_hosts as h (host, next_request_at)
values (:host, now() + make_interval(secs => :delay_ms / 1000.0))
on conflict (host) do update
set next_request_at = greatest(h.next_request_at, now()) + make_interval(secs => :delay_ms / 1000.0)
returning greatest(0, extract(epoch from next_request_at - make_interval(secs => :delay_ms / 1000.0) - now()) * 1000)::bigint
    as wait_ms
