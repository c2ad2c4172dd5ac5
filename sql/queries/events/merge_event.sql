-- One event becomes another name of an older one; see the function in sql/migrations.
-- writes: the events, their links and the graph
-- param: loser uuid
-- param: survivor uuid
select merge_event_into(:loser, :survivor)::text
