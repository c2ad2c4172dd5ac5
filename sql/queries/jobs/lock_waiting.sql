-- Locks the jobs of events that wait; to be done before the events are locked. See the function.
-- writes: locks
-- param: ids uuid[]
select lock_waiting_jobs(:ids)::text
