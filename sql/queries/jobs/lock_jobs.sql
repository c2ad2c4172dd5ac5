-- Locks the jobs of events that wait or run; to be done before the events are locked.
-- writes: locks
-- param: ids uuid[]
select lock_jobs(:ids)::text
