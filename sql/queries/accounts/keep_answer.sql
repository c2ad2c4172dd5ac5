-- Keeps the answer for those who ask again with the same key, and drops what is older than a day.
-- param: principal text
-- param: request text
-- param: key text
-- param: status int
-- param: content_type text
-- param: location text
-- param: body text
with old as (
    delete from idempotency_keys where (principal, request, key) in (
        select principal, request, key from idempotency_keys
        where created_at < now() - interval '1 day' order by created_at limit 100 for update skip locked)
)
update idempotency_keys set status = :status, content_type = :content_type, location = :location, body = :body
where principal = :principal and request = :request and key = :key
