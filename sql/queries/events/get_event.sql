-- One event as its rendered document.
-- param: id uuid
-- param: include_raw_html flag optional
-- index: events_pkey
select e.document as _item, e.merged_into as _merged_into, nullif(e.overrides - 'country_name', '{}') as overrides
--? include_raw_html
       , e.raw_html
--.
from events e where e.id = :id
