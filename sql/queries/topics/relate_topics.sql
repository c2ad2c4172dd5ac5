-- Makes topics narrower ones of others, which are found or made by their normalised names. What was said once stays.
-- param: broader jsonb -- [{id, name, normalized_name, category}]: the topic's id, the broader one's name
-- writes: topics, topic_broader
-- index: topics_normalized_name_key
with input as (
    select * from jsonb_to_recordset(:broader) as i (id uuid, name text, normalized_name text, category text)
), found as (
    select t.id, t.normalized_name from topics t where t.normalized_name = any (array(select normalized_name from input))
), stored as (
    insert into topics as t (name, normalized_name, category)
    select distinct on (i.normalized_name) i.name, i.normalized_name, i.category
    from input i where i.normalized_name not in (select normalized_name from found)
    order by i.normalized_name
    on conflict (normalized_name) do update set name = t.name
    returning id, normalized_name
)
insert into topic_broader (topic_id, broader_id)
select distinct i.id, k.id
from input i join (select * from found union all select * from stored) k using (normalized_name)
where i.id <> k.id and not exists (select from topic_broader b where b.topic_id = i.id and b.broader_id = k.id)
on conflict do nothing
