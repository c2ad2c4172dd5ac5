-- One job.
-- param: id uuid
-- param: events_only flag optional -- jobs that belong to an event alone
select
--+ jobs/_columns
    , j.state in ('completed', 'discarded', 'cancelled') as _done
from jobs j left join events e on e.id = j.event_id
where j.id = :id
--? events_only
  and j.event_id is not null
--.
