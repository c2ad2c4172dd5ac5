-- What events are compared by. One row for each that exists.
-- param: ids uuid[]
select e.id, e.merged_into as _merged_into, json_build_object(
           'id', e.id, 'name', e.name, 'title_key', fold_text(trim(e.name)), 'starts_at', iso_time(e.starts_at),
           'place', coalesce(e.venue, e.city, case when e.is_online then 'online' end),
           'place_key', case when e.is_online then 'online' else fold_text(coalesce(e.venue, e.city)) end,
           'luma_id', e.luma_id, 'luma_url', e.luma_url) as profile
from events e where e.id = any (:ids)
