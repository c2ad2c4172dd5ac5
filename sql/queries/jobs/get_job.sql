-- One job.
-- param: id uuid
select
--+ jobs/_columns
    , j.args, j.result, j.state in ('completed', 'discarded', 'cancelled') as _done
from jobs j left join events e on e.id = j.event_id
where j.id = :id
