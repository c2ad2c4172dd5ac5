-- Keeps merges of people and companies out until the transaction ends; see the function in sql/migrations.
-- writes: a lock
select share_entities()::text
