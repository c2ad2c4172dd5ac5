-- One event becomes another name of an older one; see the function in sql/migrations.
-- param: loser uuid
-- param: survivor uuid
select merge_event_into(:loser, :survivor)::text
