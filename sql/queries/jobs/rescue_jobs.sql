-- Jobs whose worker has died (its lease ran out) may be tried again; those out of attempts, and those whose work waits in
-- another job already, end here. A hundred at a time. Rows: what was done to each.
-- param: max_attempts int -- of the pool that asks; null: what the rows say
-- param: kinds text[] -- of the pool that asks
-- index: jobs_lease_idx
with expired as (
    select j.id, job_is_covered(j) as is_covered,
           j.attempt >= least(j.max_attempts, :max_attempts) as is_over
    from jobs j
    where j.state = 'executing' and j.lease_until < now() and j.kind = any (:kinds)
    order by j.id limit 100 for update skip locked
), rescued as (
    update jobs j
    set state = case when x.is_covered then 'cancelled' when x.is_over then 'discarded' else 'retryable' end,
        error_code = 'lease_lost', error_detail = 'the worker stopped before the job was done',
        lease_until = null, scheduled_at = now(), completed_at = case when x.is_covered or x.is_over then now() end
    from expired x
    where j.id = x.id
    returning j.id, j.event_id, j.kind, j.state
)
select r.id, r.event_id, r.state, announce_jobs(r.kind)::text as _announced from rescued r
