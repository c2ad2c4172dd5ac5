-- These can be found by keys of this version now.
-- param: ids uuid[]
-- param: keys_version int
update events x set keys_version = :keys_version
from (select y.id from events y where y.id = any (:ids) order by y.id for no key update) l
where x.id = l.id
