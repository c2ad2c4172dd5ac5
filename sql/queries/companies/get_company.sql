-- One of the companies: names, counts by relationship, when first and last seen, what it is a part of and its parts.
-- param: id uuid
-- index: companies_pkey, event_companies_company_idx
with parts as (
    select l.event_id, l.relationship_type as kind, e.date
    from event_companies l join events e on e.id = l.event_id
    where l.company_id = :id and e.processed_at is not null and e.merged_into is null
)
select json_build_object(
           'id', x.id, 'name', x.name, 'domain', x.domain, 'industry', x.industry, 
           'aliases', (select coalesce(json_agg(a.name order by a.name), '[]') from company_aliases a where a.company_id = x.id),
           'events', (select count(distinct p.event_id) from parts p),
           'relationships', (select coalesce(json_object_agg(r.kind, r.count order by r.kind), '{}')
                     from (select p.kind, count(*) as count from parts p group by p.kind) r),
           'first_seen', (select min(p.date) from parts p), 'last_seen', (select max(p.date) from parts p)) as _item,
       x.merged_into as _merged_into,
       (select json_build_object('id', w.id, 'name', w.name) from companies w where w.id = company_whole(x.id)) as part_of,
       (select coalesce(json_agg(json_build_object('id', p.id, 'name', p.name) order by p.name, p.id), '[]')
        from company_parts(x.id) as i join companies p on p.id = i) as parts
from companies x where x.id = :id
