-- Puts pairs up for review; known ones get the new score. What was decided stays.
-- param: kind text
-- param: pairs json -- [{a, b, probability, evidence}], a < b
insert into duplicates as d (kind, a, b, score, evidence)
select :kind, p.a, p.b, p.probability, p.evidence
from json_to_recordset(:pairs) as p (a uuid, b uuid, probability real, evidence json)
order by p.a, p.b
on conflict (kind, a, b) do update set score = excluded.score, evidence = excluded.evidence
where d.status = 'pending' and (d.score, d.evidence::text) is distinct from (excluded.score, excluded.evidence::text)
