-- Which companies may be meant by the names of a page, each with a profile: those with keys in common, the ones with the
-- weightiest first; is_known: it has this very name, which is unique.
-- param: asked jsonb -- [{position, normalized_name, keys: [[key, weight]]}]
-- param: limit int -- of each name
-- index: company_keys_pkey, companies_pkey, companies_normalized_name_key
with asked as materialized (
    select * from jsonb_to_recordset(:asked) as a (position integer, normalized_name text, keys jsonb)
), hits as (
    select a.position, f.company_id as id, sum((k ->> 1)::integer) as weight
    from asked a
    cross join lateral jsonb_array_elements(a.keys) k
    cross join lateral (select x.company_id from company_keys x where x.key = (k ->> 0)::bigint
                        order by x.company_id limit 200) f
    group by a.position, f.company_id
), weightiest as (
    select * from (
        select h.*, row_number() over (partition by h.position order by h.weight desc, h.id) as n from hits h) r
    where r.n <= 2 * :limit
), named as (
    select a.position, c.id from asked a join companies c on c.normalized_name = a.normalized_name
), living as (
    -- Each by its id: a join would be planned for many more than a page names.
    select h.position, w.id, max(h.weight) as weight, bool_or(h.is_known) as is_known
    from (select position, id, weight, false as is_known from weightiest
          union all select position, id, 0, true from named) h
    cross join lateral (select coalesce(x.merged_into, x.id) as id from companies x where x.id = h.id offset 0) w
    group by 1, 2
), ranked as (
    select * from (
        select l.*, row_number() over (partition by l.position order by l.is_known desc, l.weight desc, l.id) as n from living l) r
    where r.n <= :limit
)
select r.position, r.is_known, c.normalized_name = a.normalized_name as is_named,
       -- What was known of the one who had the name before the two were one.
       (select json_build_object('name', x.name, 'domain', x.domain)
        from companies x where x.merged_into = c.id and x.normalized_name = a.normalized_name
        order by x.created_at, x.id limit 1) as spelling,
       0::float8 as people,
       json_build_object(
--+ companies/_profile
       ) as profile
from ranked r join asked a using (position) join companies c on c.id = r.id
order by r.position, r.n
