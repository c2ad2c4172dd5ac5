-- Brings the whole graph in step with the tables.
select project_events(array(select id from events order by id))::text
