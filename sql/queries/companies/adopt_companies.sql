-- Other spellings of known companies: each a row that is merged from the start; see the function. All that are touched are
-- locked before, in one order.
-- writes: companies, merges, duplicates
-- param: companies jsonb -- [{id, survivor, name, normalized_name, domain, evidence, probability}]
-- param: touched uuid[]
-- param: keys_version int
with locked as materialized (
    select c.id from companies c where c.id = any (:touched) order by c.id for no key update
)
select adopt_company(
           jsonb_populate_record(null::companies, to_jsonb(i) || jsonb_build_object('keys_version', :keys_version::integer)),
           i.survivor, i.evidence, i.probability)::text
from jsonb_to_recordset(:companies) as i (
    id uuid, survivor uuid, name text, normalized_name text, domain text, evidence json, probability real)
where (select count(*) from locked) >= 0
