-- Merges two of a kind, whichever stays, unless somebody has decided otherwise in the meantime. One row: the
-- merge; null when nothing was merged. See the function in sql/migrations.
-- writes: everything about the two
-- param: kind text
-- param: a uuid
-- param: b uuid
-- param: actor text
-- param: evidence json
-- param: probability real
select merge_undecided_pair(:kind, :a, :b, :actor, :evidence, :probability) as merge_id
