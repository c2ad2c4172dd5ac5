-- How many events the filters let through, by day, week (its Monday), month, city, topic or company. An event with
-- several topics or companies counts under each.
-- param: group_by_day flag optional
-- param: group_by_week flag optional
-- param: group_by_month flag optional
-- param: group_by_city flag optional
-- param: group_by_topic flag optional
-- param: group_by_company flag optional
-- index: events_date_idx
select
--? group_by_day
       e.date::text
--.
--? group_by_week
       date_trunc('week', e.date)::date::text
--.
--? group_by_month
       to_char(e.date, 'YYYY-MM')
--.
--? group_by_city
       e.city
--.
--? group_by_topic
       t.name
--.
--? group_by_company
       c.name
--.
       as key, count(distinct e.id) as count
from events e
--? group_by_topic
join event_topics gt on gt.event_id = e.id join topics t on t.id = gt.topic_id
--.
--? group_by_company
join event_companies gc on gc.event_id = e.id join companies c on c.id = gc.company_id
--.
where true
--+ events/_filters
group by 1
order by 2 desc, 1
limit 1000
