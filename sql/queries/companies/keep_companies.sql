-- Keeps the companies that a page names and that were not known, under the ids they were given.
-- param: companies jsonb -- [{id, name, normalized_name, domain}]
-- param: keys_version int
insert into companies (id, name, normalized_name, domain, keys_version)
select i.id, i.name, i.normalized_name, i.domain, :keys_version
from jsonb_to_recordset(:companies) as i (id uuid, name text, normalized_name text, domain text)
order by i.normalized_name
