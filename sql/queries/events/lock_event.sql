-- Locks an event for the rest of the transaction. No row when it is gone or merged.
-- param: id uuid
select content_hash from events where id = :id and merged_into is null for update
