-- Changes behind a position, oldest first: only those below the oldest transaction that still writes (see
-- sql/migrations/0004_changes.sql). There is always a row, that of the edges; without changes its others are null.
-- edge: everything before it has been shown once a page is not full. bottom: who stands before it has missed some.
-- lag_seconds: how long the oldest change waits that may not be shown yet.
-- param: xid xid8 -- the position
-- param: seq bigint
-- param: types text[] optional -- event.processed, or event for all of them
-- param: limit int
-- index: changes_order_idx
select s.edge::text || '-0' as edge, f.xid::text || '-' || f.seq as bottom,
       coalesce((select extract(epoch from greatest(clock_timestamp() - min(w.at), '1 ms')) from changes w
                 where w.xid >= s.edge having count(*) > 0), 0)::float8 as lag_seconds,
       c.position, c.type, c.change
from (select pg_snapshot_xmin(pg_current_snapshot()) as edge) s
cross join changes_floor f
left join lateral (
    select c.xid::text || '-' || c.seq as position, c.type, render_change(c) as change, c.xid, c.seq
    from changes c
    where (c.xid, c.seq) > (:xid, :seq) and c.xid < s.edge
    --? types
      and (c.type = any (:types) or split_part(c.type, '.', 1) = any (:types))
    --.
    order by c.xid, c.seq limit :limit
) c on true
order by c.xid, c.seq
