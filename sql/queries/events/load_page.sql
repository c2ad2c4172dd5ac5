-- The stored page of an event.
-- param: id uuid
select raw_html, luma_url, content_hash, merged_into, processed_at is not null as was_processed
from events where id = :id
