-- Adds what a new appearance tells about known companies: other spellings, a domain that was unknown.
-- param: companies jsonb -- [{id, name, domain}]
with input as (
    select * from jsonb_to_recordset(:companies) as i (id uuid, name text, domain text)
), spelled as (
    insert into company_aliases (company_id, name) select distinct id, name from input on conflict do nothing
)
update companies c set domain = m.domain, updated_at = now()
from (select id, max(domain) as domain from input group by id order by id) m
where c.id = m.id and c.domain is null and m.domain is not null
