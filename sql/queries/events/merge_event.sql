-- Makes two rows one event; the row is the id that stays; see the function in sql/migrations.
-- writes: the events, their links and the graph
-- param: loser uuid
-- param: survivor uuid
select merge_event_into(:loser, :survivor) as survivor
