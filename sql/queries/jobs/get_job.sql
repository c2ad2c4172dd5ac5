-- One job.
-- param: id uuid
select
--+ jobs/_columns
from jobs j left join events e on e.id = j.event_id
where j.id = :id
