-- Keys, the newest first: all of them, or those of one user.
-- param: user_id uuid optional
-- param: cursor_1 timestamptz optional -- created_at of the last row seen
-- param: cursor_2 uuid optional
-- param: limit int
-- index: api_keys_user_idx
select
--+ accounts/_columns
    , json_build_array(k.created_at, k.id) as _cursor
from api_keys k join users u on u.id = k.user_id
where true
--? user_id
  and k.user_id = :user_id
--.
--? cursor_1
  and (k.created_at, k.id) < (:cursor_1, :cursor_2)
--.
order by k.created_at desc, k.id desc
limit :limit
