-- Some companies that cannot be found by keys of this version yet, locked: who is being changed comes later.
-- writes: nothing, it locks
-- param: keys_version int
-- param: limit int
-- index: companies_keys_version_idx
select c.id, json_build_object(
--+ companies/_profile
       ) as profile
from companies c where c.keys_version < :keys_version
order by c.keys_version
limit :limit
for no key update of c skip locked
