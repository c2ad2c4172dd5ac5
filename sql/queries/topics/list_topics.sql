-- Topics with the number of events that are about them.
-- param: q text optional -- the beginning of a name or of a usual other one, or nearly one
-- param: category text[] optional
-- param: sort_name flag optional
-- param: sort_events flag optional -- the most first
-- param: cursor_1 text optional -- what the last row seen was sorted by
-- param: cursor_2 uuid optional -- its id
-- param: limit int
-- index: topics_normalized_name_key, topics_name_trigram_idx, event_topics_topic_idx
with found as (
    select t.id, t.name, t.normalized_name, t.category, n.events, n.last_seen
    from topics t
    cross join lateral (
        select count(*) as events, max(e.date) as last_seen
        from event_topics et join events e on e.id = et.event_id
        where et.topic_id = t.id and e.processed_at is not null and e.merged_into is null) n
    where true
--? q
      and name_key(:q) <> ''
      and t.id in (select n.id from known_names n
                   where n.kind = 'topic' and n.is_shown
                     and (n.key like name_key(:q) || '%' or n.key % name_key(:q)))
--.
--? category
      and t.category = any (:category)
--.
)
select json_build_object('id', f.id, 'name', f.name, 'category', f.category, 'events', f.events,
                         'last_seen', f.last_seen) as _item
--? sort_name
       , json_build_array(f.normalized_name, f.id) as _cursor
--.
--? sort_events
       , json_build_array(f.events::text, f.id) as _cursor
--.
from found f
where true
--? cursor_1 &sort_name
  and (f.normalized_name, f.id) > (:cursor_1, :cursor_2)
--.
--? cursor_1 &sort_events
  and (f.events, f.id) < (:cursor_1::bigint, :cursor_2)
--.
--? sort_name
order by f.normalized_name, f.id
--.
--? sort_events
order by f.events desc, f.id desc
--.
limit :limit
