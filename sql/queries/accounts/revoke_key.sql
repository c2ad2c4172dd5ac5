-- Ends a key for good; of one user, or anybody's. Every process forgets it at once.
-- writes: api_keys
-- param: id uuid
-- param: user_id uuid optional
with revoked as (
    update api_keys k set revoked_at = coalesce(k.revoked_at, now())
    where k.id = :id
--? user_id
      and k.user_id = :user_id
--.
    returning k.*
)
select
--+ accounts/_columns
from revoked k join users u on u.id = k.user_id
