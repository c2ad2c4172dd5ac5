-- Some events that were read and cannot be found by keys of this version yet, locked: who is being changed comes later.
-- writes: nothing, it locks
-- param: keys_version int
-- param: limit int
-- index: events_keys_version_idx, events_pkey
with page as (
    select x.id from events x where x.keys_version < :keys_version and x.processed_at is not null
    order by x.keys_version
    limit :limit
    for no key update of x skip locked
)
select e.id, json_build_object(
--+ events/_match_profile
       ) as profile
from page p join events e on e.id = p.id
