-- What people are compared by. One row for each that exists.
-- param: ids uuid[]
select s.id, s.merged_into as _merged_into, json_build_object(
           'events', coalesce((select json_agg(l.event_id) from (
                                   select distinct event_id from event_speakers where speaker_id = s.id
                                   order by event_id limit 1000) l), '[]'),
--+ speakers/_profile
       ) as profile
from speakers s where s.id = any (:ids)
