-- Asks for several events to be processed as one batch; see the function in sql/migrations.
-- writes: jobs and batches
-- param: ids uuid[]
-- param: request_id text
-- param: user_id uuid -- who asks; null: nobody with a key
select event_id, batch_id from asked_by(:user_id, :request_id) as request cross join lateral request_processes(:ids, request)
