-- Makes sessions that resolve the same names wait for each other until their transactions end: who comes second finds
-- what the first has made. In sorted order, so that two events with the same people cannot lock each other out.
-- param: names text[] -- normalised
select pg_advisory_xact_lock(hashtextextended(name, 4201))::text
from (select distinct unnest(:names) as name order by 1) sorted
