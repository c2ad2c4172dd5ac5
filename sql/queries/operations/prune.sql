-- Removes what has had its time, a bounded number of rows of each kind. Row: how many went; zeros while another process
-- is at it.
-- writes: jobs, batches, event_snapshots, changes, quota_windows, usage, idempotency_keys
-- param: job_hours int
-- param: snapshot_hours int
-- param: change_hours int
-- param: most int
-- index: jobs_ended_idx, batches_created_idx, event_snapshots_fetched_idx
select jobs, batches, snapshots, changes
from prune(make_interval(hours => :job_hours), make_interval(hours => :snapshot_hours),
           make_interval(hours => :change_hours), :most)
