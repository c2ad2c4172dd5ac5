-- Pairs that may be one, the likeliest first, with the names of both. One that was merged shows who stayed; nobody has to
-- decide any more about one with a third.
-- param: kind text optional
-- param: status text optional
-- param: probability_gte real optional
-- param: cursor_1 real optional -- score of the last row seen
-- param: cursor_2 uuid optional -- its id
-- param: limit int
-- index: duplicates_list_idx
select d.id, d.kind,
       json_build_object('id', d.a, 'name', coalesce(sa.name, ca.name, ea.name),
                         'merged_into', coalesce(sa.merged_into, ca.merged_into, ea.merged_into)) as a,
       json_build_object('id', d.b, 'name', coalesce(sb.name, cb.name, eb.name),
                         'merged_into', coalesce(sb.merged_into, cb.merged_into, eb.merged_into)) as b,
       d.score as probability, d.evidence, d.status, d.decided_by, d.decided_at, d.note, d.created_at,
       json_build_array(d.score::text, d.id) as _cursor
from duplicates d
left join speakers sa on d.kind = 'speaker' and sa.id = d.a
left join speakers sb on d.kind = 'speaker' and sb.id = d.b
left join companies ca on d.kind = 'company' and ca.id = d.a
left join companies cb on d.kind = 'company' and cb.id = d.b
left join events ea on d.kind = 'event' and ea.id = d.a
left join events eb on d.kind = 'event' and eb.id = d.b
where coalesce(sa.id, ca.id, ea.id) is not null and coalesce(sb.id, cb.id, eb.id) is not null
  and (d.status = 'merged' or coalesce(sa.merged_into, ca.merged_into, ea.merged_into, sb.merged_into, cb.merged_into,
                                       eb.merged_into) is null)
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
