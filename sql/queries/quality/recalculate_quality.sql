-- The next events behind an id are judged again.
-- writes: events.data_quality_score, what is rendered of them, and changes
-- param: job uuid -- the one whose events they are; null: all
-- param: behind uuid -- of the last row seen
-- param: slice int -- at most so many
-- index: job_events_pkey
select r.events, r.changed, r.last::text as last from recalculate_quality(:job, :behind, :slice) r
