-- Makes two rows one event; the row is the id that stays; see the function in sql/migrations. It may ask for work, so that
-- the jobs come first.
-- writes: the events, their links and the graph
-- param: loser uuid
-- param: survivor uuid
select merge_event_into(:loser, :survivor) as survivor from lock_waiting_jobs(array[:loser, :survivor]::uuid[])
