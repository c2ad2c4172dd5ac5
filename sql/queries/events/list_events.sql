-- Events as rendered list items, sorted by date (newest first: sort_date_desc, oldest first: sort_date); the few without
-- a date count as the oldest.
-- param: sort_date flag optional
-- param: sort_date_desc flag optional
-- param: cursor_1 date optional -- date of the last row seen
-- param: cursor_2 uuid optional -- its id
-- param: limit int
-- index: events_date_idx
select e.list_item as _item, json_build_array(coalesce(e.date, '-infinity'::date), e.id) as _cursor
from events e
where true
--+ events/_filters
--? cursor_1 !sort_date
  and (coalesce(e.date, '-infinity'::date), e.id) < (:cursor_1, :cursor_2)
--.
--? cursor_1 !sort_date_desc
  and (coalesce(e.date, '-infinity'::date), e.id) > (:cursor_1, :cursor_2)
--.
--? sort_date_desc
order by coalesce(e.date, '-infinity'::date) desc, e.id desc
--.
--? sort_date
order by coalesce(e.date, '-infinity'::date), e.id
--.
limit :limit
