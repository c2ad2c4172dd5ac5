-- The key with this prefix and secret, if it is good now.
-- param: prefix text
-- param: secret_sha256 text
-- index: api_keys_prefix_key
select k.id, k.user_id, k.role, k.requests_per_minute, k.scrapes_per_day,
       -- null: never; counted up to a day, which is longer than anybody remembers it
       floor(least(extract(epoch from k.expires_at - now()), 86400) * 1000)::bigint as expires_in_ms
from api_keys k
where k.prefix = :prefix and k.secret_sha256 = :secret_sha256 and k.revoked_at is null
  and (k.expires_at is null or k.expires_at > now())
