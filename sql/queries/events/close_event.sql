-- After the last change of an event in a job: batches that wait for it, and a word on the topic event_processing.
-- writes: batches and their items, and a notification
-- param: id uuid
-- param: status text
-- param: error text
select close_batch_items(:id, :error)::text, announce_event(:id, :status, :error)::text
