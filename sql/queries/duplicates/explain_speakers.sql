-- Two people as they are compared, the one that is asked about first, and what was decided about the pair. ids: both.
-- param: id uuid
-- param: other uuid
-- param: ids uuid[]
with profiles as (
    select s.id, s.merged_into as _merged_into, json_build_object(
               'events', coalesce((select json_agg(l.event_id) from (
                                       select distinct event_id from event_speakers where speaker_id = s.id
                                       order by event_id limit 1000) l), '[]'),
--+ speakers/_profile
           ) as profile
    from speakers s where s.id = any (:ids)
)
select p.*, d.status,
--+ speakers/_people
from profiles p
left join duplicates d on d.kind = 'speaker' and d.a = least(:id, :other) and d.b = greatest(:id, :other)
order by p.id <> :id
