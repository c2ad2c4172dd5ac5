-- Makes sessions that resolve events, people or companies with a key in common wait for each other; see the function.
-- writes: locks
-- param: kind int
-- param: keys bigint[]
select lock_match_keys(:kind, :keys)::text
