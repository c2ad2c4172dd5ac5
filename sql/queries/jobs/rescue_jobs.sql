-- Jobs whose worker has died (its lease ran out) may be tried again; those out of attempts, those whose end was asked for,
-- and those whose work waits in another job already, end here. A hundred at a time. Rows, by event, so that who goes on
-- with the events locks them in the order of their ids: what was done to each.
-- param: max_attempts int -- of the pool that asks; null: what the rows say
-- param: kinds text[] -- of the pool that asks
-- index: jobs_lease_idx
with expired as (
    select j.id, j.cancel_requested as is_cancelled, j.cancel_requested or job_is_covered(j) as is_given_up,
           j.attempt >= least(j.max_attempts, :max_attempts) as is_over
    from jobs j
    where j.state = 'executing' and j.lease_until < now() and j.kind = any (:kinds)
    order by j.id limit 100 for update skip locked
), rescued as (
    update jobs j
    set state = case when x.is_given_up then 'cancelled' when x.is_over then 'discarded' else 'retryable' end,
        error_code = case when x.is_cancelled then 'cancelled' else 'lease_lost' end,
        error_detail = case when not x.is_cancelled then 'the worker stopped before the job was done' end,
        lease_until = null, scheduled_at = now(), completed_at = case when x.is_given_up or x.is_over then now() end
    from expired x
    where j.id = x.id
    returning j.id, j.event_id, j.kind, j.state
)
select r.id, r.event_id, r.state, announce_jobs(r.kind)::text as _announced from rescued r order by r.event_id, r.id
