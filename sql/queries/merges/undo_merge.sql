-- Undoes a merge; see the function in sql/migrations. No row: there is none; with conflicts nothing was done.
-- writes: everything about the two
-- param: id uuid
-- param: user_id uuid -- who asks; null: who holds the internal token
-- param: note text -- why
select id, kind, survivor, loser, undone_at, conflicts as _conflicts
from undo_merge(:id, acting_as(:user_id), :note)
