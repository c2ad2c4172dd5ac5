-- The first with this key does the work; the others see what became of it.
-- writes: idempotency_keys
-- param: principal text
-- param: request text
-- param: key text
-- param: fingerprint text
-- param: most int -- of one principal
select is_mine, wait_s, fingerprint, status, content_type, location, body
from claim_idempotency_key(:principal, :request, :key, :fingerprint, :most)
