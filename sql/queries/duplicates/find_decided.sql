-- Which pairs of these have one of the states. a < b.
-- param: kind text
-- param: ids uuid[]
-- param: statuses text[]
-- index: duplicates_kind_a_b_key
select d.a, d.b from duplicates d
where d.kind = :kind and d.a = any (:ids) and d.b = any (:ids) and d.status = any (:statuses)
