-- Removes changes that nobody will ask for any more.
-- writes: changes and their floor
-- param: days int
select prune_changes(make_interval(days => :days)) as removed
