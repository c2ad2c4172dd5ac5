-- Asks for a search for duplicates; who asks the same while it waits joins in.
-- writes: jobs
-- param: kinds text[]
-- param: dry_run bool
-- param: threshold numeric
-- param: request_id text
-- param: user_id uuid -- who asks; null: nobody with a key
select enqueue_job('deduplicate', w.args, md5(w.args::text), asked_by(:user_id, :request_id), 6) as job_id
from (select json_build_object('kinds', :kinds, 'dry_run', :dry_run, 'threshold', :threshold) as args) w
