-- The events of one company, newest first; with the first of them what is to be said about the company as a whole: how many
-- events by relationship, how many a month, and the companies seen together with it.
-- param: id uuid
-- param: relationship text optional -- only events where it is that
-- param: max_companies int -- of those seen together, the most frequent
-- param: cursor_1 date optional -- date of the last event seen
-- param: cursor_2 uuid optional -- its id
-- param: limit int
-- index: event_companies_company_idx, event_companies_pkey
with visible as materialized (
    select e.id, coalesce(e.date, '-infinity'::date) as day, e.date, ec.relationship_type
    from event_companies ec
    join events e on e.id = ec.event_id and e.processed_at is not null and e.merged_into is null
    where ec.company_id = :id
), own as materialized (
    select v.id, v.day, v.date, array_agg(v.relationship_type order by v.relationship_type) as relationships
    from visible v group by v.id, v.day, v.date
), by_relationship as (
    select json_object_agg(r.relationship_type, r.events order by r.relationship_type) as counts
    from (select relationship_type, count(*) as events from visible group by relationship_type) r
), by_month as (
    select json_agg(row_to_json(m) order by m.month) as months
    from (select to_char(o.date, 'YYYY-MM') as month, count(*) as events
          from own o where o.date is not null group by 1) m
), others as (
    select ec.company_id as id, count(distinct ec.event_id) as events,
           count(distinct ec.event_id) filter (where ec.relationship_type = 'sponsor') as sponsored,
           array_agg(distinct ec.relationship_type order by ec.relationship_type) as relationships
    from own o join event_companies ec on ec.event_id = o.id
    where ec.company_id <> :id
    group by ec.company_id
    order by events desc, id
    limit :max_companies::int + 1
), together as (
    select json_agg(row_to_json(t) order by t.events desc, t.id) as companies
    from (select o.id, c.name, c.domain, o.events, o.sponsored, o.relationships
          from others o join companies c on c.id = o.id
          order by o.events desc, o.id limit :max_companies) t
), about as (
    select json_build_object(
               'company', json_build_object('id', c.id, 'name', c.name, 'domain', c.domain, 'industry', c.industry),
               'events', (select count(*) from own),
               'relationships', coalesce(r.counts, '{}'), 'timeline', coalesce(m.months, '[]'),
               'undated', (select count(*) from own where date is null),
               'companies', coalesce(t.companies, '[]'),
               'truncated', (select count(*) from others) > :max_companies) as members
    from companies c, by_relationship r, by_month m, together t
    where c.id = :id
), page as (
    select o.* from own o
    where true
--? relationship
      and :relationship = any (o.relationships)
--.
--? cursor_1
      and (o.day, o.id) < (:cursor_1, :cursor_2)
--.
    order by o.day desc, o.id desc
    limit :limit
)
select e.list_item as _item, p.relationships, p.id is not null as _present, c.merged_into as _merged_into,
       json_build_array(p.day, p.id) as _cursor,
       case when row_number() over (order by p.day desc, p.id desc) = 1 then (select members from about) end as _about
from companies c
left join page p on true
left join events e on e.id = p.id
where c.id = :id
order by p.day desc, p.id desc
