-- Asks for several events to be processed as one batch; see the function in sql/migrations.
-- writes: jobs and batches
-- param: ids uuid[]
-- param: request_id text
select event_id, batch_id from request_processes(:ids, :request_id)
