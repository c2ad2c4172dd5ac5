-- Finds or makes topics by their normalised names, which are unique; in sorted order.
-- param: topics jsonb -- [{position, name, normalized_name, category}]
-- index: topics_normalized_name_key
with input as (
    select * from jsonb_to_recordset(:topics) as i (position integer, name text, normalized_name text, category text)
), found as (
    select t.id, t.normalized_name from topics t where t.normalized_name = any (array(select normalized_name from input))
), stored as (
    insert into topics as t (name, normalized_name, category)
    select distinct on (i.normalized_name) i.name, i.normalized_name, i.category
    from input i where i.normalized_name not in (select normalized_name from found)
    order by i.normalized_name, i.position
    on conflict (normalized_name) do update set name = t.name
    returning id, normalized_name
)
select i.position, k.id
from input i join (select * from found union all select * from stored) k using (normalized_name)
order by i.position
