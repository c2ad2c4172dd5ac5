-- Gives ended jobs another series of attempts; by id, or all that failed of a kind and with a code, a thousand at a time.
-- writes: jobs, events
-- param: ids uuid[] optional
-- param: kind text optional
-- param: error_code text optional
-- param: owner uuid optional -- only those that this user has asked for
-- index: jobs_discarded_idx
select count(*) as retried from retry_jobs(array(
    select j.id from jobs j
    where true
--? owner
      and exists (select from job_owners o where o.job_id = j.id and o.user_id = :owner)
--.
--? ids
      and j.id = any (:ids)
--.
--? !ids
      and j.state = 'discarded'
--.
--? kind
      and j.kind = :kind
--.
--? error_code
      and j.error_code = :error_code
--.
    order by j.completed_at, j.id limit 1000)) r
