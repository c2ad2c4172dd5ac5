-- Pairs of people worth comparing: one normalised name, or one address of a profile. Nobody is compared with more than
-- twenty others of one name, and what more than twenty share is no person's address. Left out is what was decided.
-- param: behind_a uuid -- only pairs behind this one, in the order of a, then b
-- param: behind_b uuid
-- param: limit int
-- index: speakers_normalized_name_idx, speaker_handles_value_idx
with keyed as (
    select 'name ' || s.normalized_name as key, s.id, false as is_handle
    from speakers s where s.merged_into is null and s.normalized_name <> ''
    union
    select h.kind || ' ' || lower(h.value), h.speaker_id, true
    from speaker_handles h join speakers s on s.id = h.speaker_id where s.merged_into is null
), blocks as (
    select key, id, is_handle, row_number() over (partition by key order by id) as n,
           count(*) over (partition by key) as size
    from keyed
), pairs as (
    select distinct least(x.id, y.id) as a, greatest(x.id, y.id) as b
    from blocks x join blocks y on y.key = x.key and y.n > x.n and y.n <= x.n + 20
    where x.size > 1 and not (x.is_handle and x.size > 20)
)
select p.a, p.b
from pairs p
where (p.a, p.b) > (:behind_a, :behind_b) and not exists (select from duplicates d
                  where d.kind = 'speaker' and d.a = p.a and d.b = p.b and d.status <> 'pending')
order by p.a, p.b
limit :limit
