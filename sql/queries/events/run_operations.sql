-- Operations on events, one by one or all or none; see the function in sql/migrations.
-- writes: events and all that belongs to them
-- param: operations jsonb -- [{position, op, id, data}], well-formed
-- param: atomic boolean
-- param: dry_run boolean
-- param: request_id text
-- param: user_id uuid -- who asks; null: nobody with a key
select position, status, data, code, detail, merged_into
from asked_by(:user_id, :request_id) as request
cross join lateral run_event_operations(:operations, :atomic, :dry_run, request)
