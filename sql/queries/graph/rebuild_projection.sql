-- Makes the whole graph anew from the tables; see the function in sql/migrations.
select rebuild_graph()::text
