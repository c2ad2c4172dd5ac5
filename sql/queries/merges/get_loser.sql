-- Who was merged into whom.
-- param: id uuid
select m.loser from merges m where m.id = :id
