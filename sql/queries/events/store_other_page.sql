-- What a page held that is not one event (a calendar with its events), for those who asked for it. Never over an event.
-- param: id uuid
-- param: record jsonb
update events set extracted_data = :record where id = :id and processed_at is null
