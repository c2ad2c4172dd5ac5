-- Everything that has a place in the graph, in the order of ids: kind 0 speaker, 1 company, 2 topic, 3 event; 4: an id that
-- now is another one (label).
-- param: limit int
-- index: none: it reads all of it, on a thread of its own
select n.kind, n.id, n.label, now() as as_of
from (
    select case when s.merged_into is null then 0 else 4 end as kind, s.id, coalesce(s.merged_into::text, s.name) as label
    from speakers s
    union all
    select case when c.merged_into is null then 1 else 4 end, c.id, coalesce(c.merged_into::text, c.name) from companies c
    union all
    select 2, t.id, t.name from topics t
    union all
    select case when e.merged_into is null then 3 else 4 end, e.id, coalesce(e.merged_into::text, e.name)
    from events e where e.processed_at is not null or e.merged_into is not null
) n
order by n.id
limit :limit
