-- Some people that cannot be found by keys of this version yet, locked: who is being changed comes later.
-- writes: nothing, it locks
-- param: keys_version int
-- param: limit int
-- index: speakers_keys_version_idx
select s.id, json_build_object(
--+ speakers/_profile
       ) as profile
from speakers s where s.keys_version < :keys_version
order by s.keys_version
limit :limit
for no key update of s skip locked
