-- Asks for one event to be processed; see the function in sql/migrations.
-- writes: events and jobs
-- param: event_id uuid
-- param: html text
-- param: html_hash text
-- param: request_id text
-- param: user_id uuid -- who asks; null: nobody with a key
select event_id, job_id, has_page, merged_into
from asked_by(:user_id, :request_id) as request
cross join lateral request_process(:event_id, :html, :html_hash, request)
