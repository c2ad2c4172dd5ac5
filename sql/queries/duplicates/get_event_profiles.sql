-- What events are compared by. One row for each that exists.
-- param: ids uuid[]
select e.id, e.merged_into as _merged_into, json_build_object(
           'id', e.id, 'name', e.name, 'normalized_name', fold_text(trim(e.name)), 'url', e.luma_url, 'luma_id', e.luma_id,
           'starts_at', coalesce(iso_time(e.starts_at), e.date::text), 'ends_at', iso_time(e.ends_at), 'venue', e.venue,
           'place', case when e.is_online then 'online' else coalesce(e.city, e.location) end,
           'organiser', (select c.name from event_companies l join companies c on c.id = l.company_id
                         where l.event_id = e.id and l.relationship_type = 'host'
                         order by l.extraction_confidence desc, c.id limit 1)) as profile
from events e where e.id = any (:ids)
