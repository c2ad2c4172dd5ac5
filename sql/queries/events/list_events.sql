-- Events as rendered list items, in one of several orders; the few without a date count as the oldest.
-- param: sort_date flag optional
-- param: sort_date_desc flag optional
-- param: sort_created_at flag optional
-- param: sort_created_at_desc flag optional
-- param: sort_quality flag optional
-- param: sort_quality_desc flag optional
-- param: sort_distance flag optional
-- param: cursor_1 text optional -- what the last row seen was sorted by
-- param: cursor_2 uuid optional -- its id
-- param: cursor_3 text optional -- where distances are counted from
-- param: cursor_4 text optional
-- param: limit int
-- index: events_date_idx, events_created_idx, events_quality_idx, events_latitude_idx
select e.list_item as _item
--? sort_date|sort_date_desc
       , json_build_array(coalesce(e.date, '-infinity'::date), e.id) as _cursor
--.
--? sort_created_at|sort_created_at_desc
       , json_build_array(e.created_at, e.id) as _cursor
--.
--? sort_quality|sort_quality_desc
       , json_build_array(e.data_quality_score::text, e.id) as _cursor
--.
--? near
       , round(distance_km(e.latitude, e.longitude, (:near)[1], (:near)[2])::numeric, 3) as distance_km
--.
--? near &sort_distance
       , json_build_array(distance_km(e.latitude, e.longitude, (:near)[1], (:near)[2])::text, e.id,
                          (:near)[1]::text, (:near)[2]::text) as _cursor
--.
from events e
where true
--+ events/_filters
--? cursor_1 &sort_date
  and (coalesce(e.date, '-infinity'::date), e.id) > (:cursor_1::date, :cursor_2)
--.
--? cursor_1 &sort_date_desc
  and (coalesce(e.date, '-infinity'::date), e.id) < (:cursor_1::date, :cursor_2)
--.
--? cursor_1 &sort_created_at
  and (e.created_at, e.id) > (:cursor_1::timestamptz, :cursor_2)
--.
--? cursor_1 &sort_created_at_desc
  and (e.created_at, e.id) < (:cursor_1::timestamptz, :cursor_2)
--.
--? cursor_1 &sort_quality
  and (e.data_quality_score, e.id) > (:cursor_1::int, :cursor_2)
--.
--? cursor_1 &sort_quality_desc
  and (e.data_quality_score, e.id) < (:cursor_1::int, :cursor_2)
--.
--? cursor_1 &sort_distance
  and (distance_km(e.latitude, e.longitude, :cursor_3::float8, :cursor_4::float8), e.id) > (:cursor_1::float8, :cursor_2)
--.
--? sort_date
order by coalesce(e.date, '-infinity'::date), e.id
--.
--? sort_date_desc
order by coalesce(e.date, '-infinity'::date) desc, e.id desc
--.
--? sort_created_at
order by e.created_at, e.id
--.
--? sort_created_at_desc
order by e.created_at desc, e.id desc
--.
--? sort_quality
order by e.data_quality_score, e.id
--.
--? sort_quality_desc
order by e.data_quality_score desc, e.id desc
--.
--? near &sort_distance
order by distance_km(e.latitude, e.longitude, (:near)[1], (:near)[2]), e.id
--.
limit :limit
