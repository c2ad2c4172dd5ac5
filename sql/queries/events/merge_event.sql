-- Makes two rows one event; the row is the id that stays; see the function in sql/migrations. It may ask for work, so that
-- the jobs that wait are locked before (jobs/lock_waiting).
-- writes: the events, their links and the graph
-- param: loser uuid
-- param: survivor uuid
select merge_event_into(:loser, :survivor) as survivor
