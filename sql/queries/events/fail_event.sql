-- An event could not be fetched or read for good: says so and why. What is known of it stays.
-- param: id uuid
-- param: code text
-- param: detail text
update events
set processing_status = 'failed', processing_error = :code, processing_error_detail = :detail, updated_at = now()
where id = :id and merged_into is null
