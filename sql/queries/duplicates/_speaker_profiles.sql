-- What people are compared by. One row for each that exists.
-- param: ids uuid[]
select s.id, s.merged_into as _merged_into, json_build_object(
           'id', s.id, 'name', s.name, 'normalized_name', s.normalized_name, 'company', s.company,
           'company_key', regexp_replace(fold_text(s.company), '[^[:alnum:]]+', '', 'g'),
           'handles', coalesce((select json_agg(json_build_object('kind', h.kind, 'value', h.value, 'key', lower(h.value))
                                                order by h.kind, h.value)
                                from speaker_handles h where h.speaker_id = s.id), '[]'),
           'events', coalesce((select json_agg(l.event_id) from (
                                   select distinct event_id from event_speakers where speaker_id = s.id
                                   order by event_id limit 1000) l), '[]')) as profile
from speakers s where s.id = any (:ids)
