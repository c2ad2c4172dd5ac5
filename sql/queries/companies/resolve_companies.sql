-- Finds or makes the companies of an event by their normalised names, which are unique; in sorted order, so that two
-- events with the same companies cannot lock each other out. The name of one that was merged into another means that
-- other. A domain that was unknown is added.
-- param: companies jsonb -- [{position, name, normalized_name, domain}]
-- index: companies_normalized_name_key
with input as (
    select * from jsonb_to_recordset(:companies) as i (position integer, name text, normalized_name text, domain text)
), stored as (
    insert into companies as c (name, normalized_name, domain)
    select distinct on (i.normalized_name) i.name, i.normalized_name, i.domain
    from input i order by i.normalized_name, i.domain nulls last, i.position
    on conflict (normalized_name) do update
    set domain = case when c.merged_into is null then coalesce(c.domain, excluded.domain) else c.domain end,
        updated_at = case when c.merged_into is null and c.domain is null and excluded.domain is not null then now()
                          else c.updated_at end
    returning coalesce(merged_into, id) as id, normalized_name
), spelled as (
    insert into company_aliases (company_id, name)
    select distinct s.id, i.name from input i join stored s using (normalized_name) on conflict do nothing
)
select i.position, s.id from input i join stored s using (normalized_name) order by i.position
