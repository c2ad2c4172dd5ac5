-- What keys used in the last 30 days, the newest day first.
-- param: user_id uuid optional
-- param: cursor_1 date optional -- day of the last row seen
-- param: cursor_2 uuid optional -- and its key
-- param: limit int
-- index: usage_day_idx
select g.day, k.id as key_id, k.name as key, u.name as user, g.requests, g.scrapes,
       json_build_array(g.day, k.id) as _cursor
from usage g join api_keys k on k.id = g.key_id join users u on u.id = k.user_id
where g.day > (now() at time zone 'UTC')::date - 30
--? user_id
  and k.user_id = :user_id
--.
--? cursor_1
  and (g.day, g.key_id) < (:cursor_1, :cursor_2)
--.
order by g.day desc, g.key_id desc
limit :limit
