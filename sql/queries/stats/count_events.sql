-- How many events the filters let through.
-- index: events_date_idx
select count(*) as total from events e
where true
--+ events/_filters
