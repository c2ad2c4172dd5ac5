-- Finds or makes topics by their normalised names, which are unique; in sorted order. A name that topic_aliases knows as
-- another name of a topic is that one: of the names that mean the same the one of our own list (meant), else the name
-- itself, else one that there is. Names of our list (is_ours) are themselves.
-- param: topics jsonb -- [{position, name, normalized_name, category, is_ours, meant: {name, normalized_name, category}}]
-- index: topics_normalized_name_key
with input as (
    select * from jsonb_to_recordset(:topics) as i (position integer, name text, normalized_name text, category text,
                                                   is_ours boolean, meant jsonb)
), synonyms as (
    select i.position, i.normalized_name, i.meant, array(
               select a.name from topic_aliases a where replace(a.alias, ' ', '') = replace(i.normalized_name, ' ', '')
               union select b.alias from topic_aliases a join topic_aliases b on b.name = a.name
                     where replace(a.alias, ' ', '') = replace(i.normalized_name, ' ', '')
               union select b.alias from topic_aliases b where replace(b.name, ' ', '') = replace(i.normalized_name, ' ', '')) as keys
    from input i where not i.is_ours
    union all
    select i.position, i.normalized_name, i.meant, '{}' from input i where i.is_ours
), wanted as (
    select s.position, coalesce(
               case when s.meant ->> 'normalized_name' = any (s.keys) then s.meant ->> 'normalized_name' end,
               case when s.keys = '{}' or (select true from topics t where t.normalized_name = s.normalized_name)
                    then s.normalized_name end,
               (select t.normalized_name
                from unnest(s.keys) as k
                cross join lateral (select x.* from topics x where x.normalized_name = k offset 0) t
                order by t.created_at, t.id limit 1),
               s.normalized_name) as normalized_name
    from synonyms s
), named as (
    select w.position, w.normalized_name,
           case when w.normalized_name = i.normalized_name then i.name else i.meant ->> 'name' end as name,
           case when w.normalized_name = i.normalized_name then i.category else i.meant ->> 'category' end as category
    from wanted w join input i using (position)
), found as (
    select t.id, t.normalized_name from topics t where t.normalized_name = any (array(select n.normalized_name from named n))
), stored as (
    insert into topics as t (name, normalized_name, category)
    select distinct on (n.normalized_name) n.name, n.normalized_name, n.category
    from named n where n.normalized_name not in (select f.normalized_name from found f)
    order by n.normalized_name, n.position
    on conflict (normalized_name) do update set name = t.name
    returning id, normalized_name
)
select n.position, k.id
from named n join (select * from found union all select * from stored) k using (normalized_name)
order by n.position
