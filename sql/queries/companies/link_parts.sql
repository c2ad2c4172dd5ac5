-- Links companies to what they are a part of; see the function. One row for each that was linked.
-- writes: companies
-- param: links jsonb -- [{part, whole, evidence}]
select link_company_parts(:links) as id
