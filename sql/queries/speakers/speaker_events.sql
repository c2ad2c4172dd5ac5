-- Events that one of the speakers had a part in, the latest first, each with the part.
-- param: id uuid
-- param: cursor_1 date optional -- the date of the last row seen
-- param: cursor_2 uuid optional -- its id
-- param: limit int
-- index: event_speakers_speaker_idx
with subject as (
    select x.id, x.merged_into from speakers x where x.id = :id
), page as (
    select e.id, coalesce(e.date, '-infinity'::date) as day, array_agg(l.role order by l.role) as parts
    from event_speakers l join events e on e.id = l.event_id
    where l.speaker_id = :id
--? role
      and l.role = any (:role)
--.
--+ events/_filters
--? cursor_1
      and (coalesce(e.date, '-infinity'::date), e.id) < (:cursor_1, :cursor_2)
--.
    group by e.id, coalesce(e.date, '-infinity'::date)
    order by 2 desc, 1 desc
    limit :limit
)
select e.list_item as _item, to_json(p.parts) as roles, json_build_array(p.day, p.id) as _cursor,
       p.id is not null as _present, s.merged_into as _merged_into
--+ events/_members
from subject s left join (page p join events e on e.id = p.id) on true
order by p.day desc, p.id desc
