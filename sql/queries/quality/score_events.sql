-- Gives an event its score, once everything about it is stored.
-- writes: events.data_quality_score
-- param: id uuid
select count(score_events)::int as changed from score_events(array[:id])
