-- Adds keys that events are found by from now on.
-- param: keys jsonb -- [{id, keys: [[key, weight]]}]
insert into event_keys (key, event_id)
select distinct (k ->> 0)::bigint, i.id
from jsonb_to_recordset(:keys) as i (id uuid, keys jsonb) cross join lateral jsonb_array_elements(i.keys) k
order by 1, 2
on conflict do nothing
