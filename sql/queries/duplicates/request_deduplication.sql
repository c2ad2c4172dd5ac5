-- Asks for a search for duplicates; who asks the same while it waits joins in.
-- writes: jobs
-- param: kinds text[]
-- param: dry_run bool
-- param: threshold numeric
-- param: request_id text
select enqueue_job('deduplicate', w.args, md5(w.args::text), :request_id, 6) as job_id
from (select json_build_object('kinds', :kinds, 'dry_run', :dry_run, 'threshold', :threshold) as args) w
