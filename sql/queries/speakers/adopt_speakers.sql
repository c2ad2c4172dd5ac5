-- Other spellings of known people: each a row that is merged from the start; see the function. All who are touched are
-- locked before, in one order.
-- writes: speakers, merges, duplicates
-- param: speakers jsonb -- [{id, survivor, name, normalized_name, company, title, bio, confidence, links, evidence, probability}]
-- param: touched uuid[]
-- param: keys_version int
with locked as materialized (
    select s.id from speakers s where s.id = any (:touched) order by s.id for no key update
)
select adopt_speaker(
           jsonb_populate_record(null::speakers, to_jsonb(i) || jsonb_build_object(
               'confidence_score', i.confidence, 'keys_version', :keys_version::integer)),
           i.survivor, i.links, i.evidence, i.probability)::text
from jsonb_to_recordset(:speakers) as i (
    id uuid, survivor uuid, name text, normalized_name text, company text, title text, bio text, confidence real,
    links jsonb, evidence json, probability real)
where (select count(*) from locked) >= 0
