-- After the cancelled end of a job: what becomes of its event; see the function in sql/migrations.
-- writes: events, batch_items, changes, and a notification
-- param: id uuid
select settle_cancelled(:id)::text
