-- Who two ids mean by now: those that were merged away stand for their survivors; what nobody knows stays.
-- param: from uuid
-- param: to uuid
select max(x.survivor::text) filter (where x.is_from) as "from", max(x.survivor::text) filter (where not x.is_from) as "to"
from (select a.is_from, coalesce(s.merged_into, c.merged_into, e.merged_into, a.id) as survivor
      from (values (:from, true), (:to, false)) a (id, is_from)
      left join speakers s on s.id = a.id
      left join companies c on c.id = a.id
      left join events e on e.id = a.id) x
