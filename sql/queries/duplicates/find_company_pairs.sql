-- Pairs of companies worth comparing: one name but for its legal form, or one domain. Nobody is compared with more than
-- twenty others; a domain of more than twenty is a place for pages. Left out is what was decided.
-- param: legal_forms text -- regular expression of what a name may end with
-- param: behind_a uuid -- only pairs behind this one, in the order of a, then b
-- param: behind_b uuid
-- param: limit int
with keyed as (
    select 'name ' || coalesce(nullif(regexp_replace(regexp_replace(c.normalized_name, '^the ', ''), :legal_forms, ''), ''),
                               c.normalized_name) as key, c.id, false as is_domain
    from companies c where c.merged_into is null and c.normalized_name <> ''
    union
    select 'domain ' || regexp_replace(lower(c.domain), '^www\.', ''), c.id, true
    from companies c
    where c.merged_into is null and c.domain <> ''
), blocks as (
    select key, id, is_domain, row_number() over (partition by key order by id) as n,
           count(*) over (partition by key) as size
    from keyed
), pairs as (
    select distinct least(x.id, y.id) as a, greatest(x.id, y.id) as b
    from blocks x join blocks y on y.key = x.key and y.n > x.n and y.n <= x.n + 20
    where x.size > 1 and not (x.is_domain and x.size > 20)
)
select p.a, p.b
from pairs p
where (p.a, p.b) > (:behind_a, :behind_b) and not exists (select from duplicates d
                  where d.kind = 'company' and d.a = p.a and d.b = p.b and d.status <> 'pending')
order by p.a, p.b
limit :limit
