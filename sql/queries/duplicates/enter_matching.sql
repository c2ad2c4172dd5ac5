-- Before any key is locked: shares them with others, or has all of them; see the function.
-- writes: locks
-- param: asks_for_all boolean
select enter_matching(:asks_for_all)::text
