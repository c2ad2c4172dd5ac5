-- What events are compared by. One row for each that exists.
-- param: ids uuid[]
-- index: events_pkey
select e.id, e.merged_into as _merged_into, json_build_object(
--+ events/_match_profile
       ) as profile
from events e where e.id = any (:ids)
