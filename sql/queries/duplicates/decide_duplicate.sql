-- A person's decision about a pair; see the function in sql/migrations. No row: there is no such pair.
-- writes: the pair, and with a merge everything about the two
-- param: id uuid
-- param: decision text
-- param: note text
-- param: user_id uuid -- who decides; null: who holds the internal token
select id, kind, status, merge_id, refused as _refused
from decide_duplicate(:id, :decision, :note, acting_as(:user_id))
