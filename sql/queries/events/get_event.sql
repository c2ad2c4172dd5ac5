-- One event as its rendered document.
-- param: id uuid
-- index: events_pkey
select e.document as _item, e.merged_into as _merged_into
from events e where e.id = :id
