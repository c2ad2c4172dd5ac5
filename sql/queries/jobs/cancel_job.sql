-- Ends a waiting job or asks a running one to end.
-- writes: jobs, events, batch_items
-- param: id uuid
-- param: owner uuid optional -- only if this user has asked for it
select c.id, c.state
from (select j.id, cancel_job(j.id) as state from jobs j
      where j.id = :id
--? owner
        and exists (select from job_owners o where o.job_id = j.id and o.user_id = :owner)
--.
) c where c.state is not null
