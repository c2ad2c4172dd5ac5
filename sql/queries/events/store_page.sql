-- Writes a page that was fetched. Row: whether it is new to us (or a repeat was asked for), so that it must be processed.
-- param: id uuid
-- param: html text
-- param: content_hash text
-- param: etag text
-- param: last_modified text
-- param: force boolean
update events e
set raw_html = :html, content_hash = :content_hash, etag = :etag, last_modified = :last_modified, scraped_at = now()
from (select id, processed_hash from events where id = :id for update) old
where e.id = old.id
returning old.processed_hash is distinct from :content_hash or :force as is_new
