-- Pairs that may be one, the likeliest first, with the names of both. One that was merged shows who stayed; nobody has to
-- decide any more about one with a third.
-- param: kind text optional
-- param: status text optional
-- param: probability_gte real optional
-- param: cursor_1 real optional -- score of the last row seen
-- param: cursor_2 uuid optional -- its id
-- param: limit int
-- index: duplicates_list_idx, duplicates_status_idx
select d.id, d.kind,
       json_build_object('id', d.a, 'name', a.name,
                         'merged_into', a.merged_into) as a,
       json_build_object('id', d.b, 'name', b.name,
                         'merged_into', b.merged_into) as b,
       d.score as probability, d.evidence, d.status, d.decided_by, d.decided_at, d.note, d.created_at,
       json_build_array(d.score::text, d.id) as _cursor
from duplicates d
cross join lateral (
    select s.name, s.merged_into from speakers s where d.kind = 'speaker' and s.id = d.a
    union all select c.name, c.merged_into from companies c where d.kind = 'company' and c.id = d.a
    union all select e.name, e.merged_into from events e where d.kind = 'event' and e.id = d.a) a
cross join lateral (
    select s.name, s.merged_into from speakers s where d.kind = 'speaker' and s.id = d.b
    union all select c.name, c.merged_into from companies c where d.kind = 'company' and c.id = d.b
    union all select e.name, e.merged_into from events e where d.kind = 'event' and e.id = d.b) b
-- The planner takes "is null" of such columns for rare, and would read all pairs to find a page of them.
where (d.status = 'merged' or num_nonnulls(a.merged_into, b.merged_into) < 1)
--? kind
  and d.kind = :kind
--.
--? status
  and d.status = :status
--.
--? probability_gte
  and d.score >= :probability_gte
--.
--? cursor_1
  and (d.score, d.id) < (:cursor_1, :cursor_2)
--.
order by d.score desc, d.id desc
limit :limit
