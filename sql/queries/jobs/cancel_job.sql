-- Ends a waiting job or asks a running one to end.
-- writes: jobs, events, batch_items
-- param: id uuid
select c.id, c.state from (select :id::uuid as id, cancel_job(:id) as state) c where c.state is not null
