-- Jobs whose worker has died (its lease ran out) may be tried again; those out of attempts, and those for which
-- another job of the kind waits already, end here. Rows: what ended for good.
-- index: jobs_lease_idx
with expired as (
    select id, event_id, kind, attempt, max_attempts from jobs
    where state = 'executing' and lease_until < now()
    order by id for update skip locked
), rescued as (
    update jobs j
    set state = case when w.id is not null then 'cancelled'
                     when x.attempt >= x.max_attempts then 'discarded' else 'retryable' end,
        error_code = 'lease_lost', error_detail = 'the worker stopped before the job was done',
        lease_until = null, scheduled_at = now(),
        completed_at = case when w.id is not null or x.attempt >= x.max_attempts then now() end
    from expired x
    left join jobs w on w.event_id = x.event_id and w.kind = x.kind and w.state in ('available', 'retryable')
    where j.id = x.id
    returning j.id, j.event_id, j.kind, j.state
)
select r.id, r.event_id, r.state, announce_jobs(r.kind)::text as _announced from rescued r
