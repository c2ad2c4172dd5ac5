-- What keys used in the last 30 days, the newest day first.
-- param: user_id uuid optional
select g.day, k.id as key_id, k.name as key, u.name as user, g.requests, g.scrapes
from usage g join api_keys k on k.id = g.key_id join users u on u.id = k.user_id
where g.day > (now() at time zone 'UTC')::date - 30
--? user_id
  and k.user_id = :user_id
--.
order by g.day desc, k.id
limit 1000
