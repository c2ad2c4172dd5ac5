-- Brings the whole graph in step with the tables.
-- writes: the graph
select project_events(array(select id from events order by id))::text
