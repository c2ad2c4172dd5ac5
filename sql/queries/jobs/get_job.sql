-- One job.
-- param: id uuid
-- param: owner uuid optional -- only if this user has asked for it
select
--+ jobs/_columns
    , j.args, j.result, j.state in ('completed', 'discarded', 'cancelled') as _done
from jobs j left join events e on e.id = j.event_id
where j.id = :id
--? owner
  and exists (select from job_owners o where o.job_id = j.id and o.user_id = :owner)
--.
