-- Pairs of events worth comparing: one title and one beginning, or one id at the source. Left out is what was decided.
-- param: behind_a uuid -- only pairs behind this one, in the order of a, then b
-- param: behind_b uuid
-- param: limit int
with keyed as (
    select 'title ' || fold_text(trim(e.name)) || ' ' || e.starts_at as key, e.id
    from events e where e.merged_into is null and e.processed_at is not null and e.starts_at is not null
    union
    select 'source ' || e.luma_id, e.id
    from events e where e.merged_into is null and e.processed_at is not null and e.luma_id is not null
), blocks as (
    select key, id, row_number() over (partition by key order by id) as n, count(*) over (partition by key) as size
    from keyed
), pairs as (
    select distinct least(x.id, y.id) as a, greatest(x.id, y.id) as b
    from blocks x join blocks y on y.key = x.key and y.n > x.n and y.n <= x.n + 20
    where x.size > 1
)
select p.a, p.b
from pairs p
where (p.a, p.b) > (:behind_a, :behind_b) and not exists (select from duplicates d
                  where d.kind = 'event' and d.a = p.a and d.b = p.b and d.status <> 'pending')
order by p.a, p.b
limit :limit
