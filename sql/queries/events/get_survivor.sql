-- Which event an id means today.
-- param: id uuid
-- index: events_pkey
select coalesce(e.merged_into, e.id) as id from events e where e.id = :id
