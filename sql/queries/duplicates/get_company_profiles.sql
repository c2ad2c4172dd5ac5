-- What companies are compared by. One row for each that exists.
-- param: ids uuid[]
select c.id, c.merged_into as _merged_into, json_build_object(
--+ companies/_profile
       ) as profile
from companies c where c.id = any (:ids)
