-- How many events a recalculation will judge.
-- param: job uuid -- the one whose events they are; null: all
select count(*)::int as events from events e
where e.merged_into is null and e.processed_at is not null
  and (:job::uuid is null or e.id in (select j.event_id from job_events j where j.job_id = :job))
