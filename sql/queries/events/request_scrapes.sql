-- Asks for pages to be fetched; see the function in sql/migrations.
-- writes: events, jobs and batches
-- param: urls text[]
-- param: names text[]
-- param: force boolean
-- param: max_age_ms bigint -- a page younger than this need not be fetched again
-- param: request_id text
-- param: as_batch boolean
-- param: user_id uuid -- who asks; null: nobody with a key
select url, event_id, job_id, status, created, batch_id
from asked_by(:user_id, :request_id) as request
cross join lateral request_scrapes(:urls, :names, :force, make_interval(secs => :max_age_ms / 1000.0), request, :as_batch)
