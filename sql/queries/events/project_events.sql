-- Brings the graph in step with the tables for these events.
-- writes: the graph
-- param: ids uuid[]
select project_events(:ids)::text
