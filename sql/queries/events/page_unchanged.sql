-- The site says that the page is still what we have: the event is in order again.
-- param: id uuid
update events
set scraped_at = now(), processing_status = 'processed', processing_error = null, processing_error_detail = null
where id = :id and processed_at is not null
