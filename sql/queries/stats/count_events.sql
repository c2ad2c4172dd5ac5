-- How many events the filters let through; with a group_by also by day, week (its Monday), month, city, topic or
-- company, the largest groups first. An event with several topics or companies counts under each.
-- param: group_by_day flag optional
-- param: group_by_week flag optional
-- param: group_by_month flag optional
-- param: group_by_city flag optional
-- param: group_by_topic flag optional
-- param: group_by_company flag optional
-- index: events_date_idx
with matching as (
    select e.id, e.date, e.city from events e
    where true
--+ events/_filters
), groups as (
    select
--? group_by_day
           m.date::text
--.
--? group_by_week
           date_trunc('week', m.date)::date::text
--.
--? group_by_month
           to_char(m.date, 'YYYY-MM')
--.
--? group_by_city
           m.city
--.
--? group_by_topic
           t.name
--.
--? group_by_company
           c.name
--.
--? !group_by_day|group_by_week|group_by_month|group_by_city|group_by_topic|group_by_company
           null::text
--.
           as key, count(*) as count
    from matching m
--? group_by_topic
    join event_topics gt on gt.event_id = m.id join topics t on t.id = gt.topic_id
--.
--? group_by_company
    join (select distinct event_id, company_id from event_companies) gc on gc.event_id = m.id
    join companies c on c.id = gc.company_id
--.
--? !group_by_day|group_by_week|group_by_month|group_by_city|group_by_topic|group_by_company
    where false
--.
    group by 1
)
select (select count(*) from matching) as total,
       coalesce((select json_agg(json_build_object('key', g.key, 'count', g.count) order by g.count desc, g.key)
                 from (select * from groups order by count desc, key limit 1000) g), '[]'::json) as groups
