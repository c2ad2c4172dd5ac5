-- Makes the whole graph anew from the tables; see the function in sql/migrations.
-- writes: the graph
select rebuild_graph()::text
