-- How many events a recalculation will judge.
-- param: ids uuid[] -- only these; null: all
select count(*)::int as events from events e
where e.merged_into is null and e.processed_at is not null and (:ids::uuid[] is null or e.id = any (:ids))
