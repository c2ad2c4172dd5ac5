-- Nothing was done: the same key may be used again.
-- param: principal text
-- param: request text
-- param: key text
delete from idempotency_keys where principal = :principal and request = :request and key = :key and status is null
