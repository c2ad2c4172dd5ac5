-- The first with this key does the work; the others see what became of it.
-- writes: idempotency_keys
-- param: principal text
-- param: request text
-- param: key text
-- param: fingerprint text
select is_mine, fingerprint, status, content_type, location, body
from claim_idempotency_key(:principal, :request, :key, :fingerprint)
