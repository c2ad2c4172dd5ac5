-- Makes sessions that resolve people or companies with a key in common wait for each other; see the function.
-- writes: locks
-- param: keys bigint[]
select lock_match_keys(:keys)::text
