-- A person's decision about a pair; see the function in sql/migrations. No row: there is no such pair.
-- writes: the pair, and with a merge everything about the two
-- param: id uuid
-- param: decision text
-- param: note text
-- param: actor text
select id, kind, status, merge_id, refused as _refused from decide_duplicate(:id, :decision, :note, :actor)
