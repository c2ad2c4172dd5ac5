-- The ids of the events that the filters let through, the newest first; of all that were asked to be processed.
-- param: most int
select e.id
from events e
where true
--+ events/_filters
order by coalesce(e.date, '-infinity'::date) desc, e.id desc
limit :most
