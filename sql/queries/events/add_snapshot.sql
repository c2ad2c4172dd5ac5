-- One answer of the site.
-- param: event_id uuid
-- param: url text
-- param: http_status int
-- param: content_hash text
-- param: etag text
-- param: last_modified text
-- param: bytes bigint
-- param: duration_ms int
insert into event_snapshots (event_id, url, http_status, content_hash, etag, last_modified, bytes, duration_ms)
values (:event_id, :url, :http_status, :content_hash, :etag, :last_modified, :bytes, :duration_ms)
