-- The keys by which an event is found from now on.
-- param: id uuid
-- param: keys jsonb -- [[key, weight]]
-- param: keys_version int
-- index: event_keys_pkey, event_keys_event_idx
with wanted as (
    select distinct (k ->> 0)::bigint as key from jsonb_array_elements(:keys) k
), gone as (
    delete from event_keys x where x.event_id = :id and x.key not in (select w.key from wanted w)
), marked as (
    update events e set keys_version = :keys_version where e.id = :id and e.keys_version <> :keys_version
)
insert into event_keys (key, event_id) select w.key, :id from wanted w order by w.key
on conflict do nothing
