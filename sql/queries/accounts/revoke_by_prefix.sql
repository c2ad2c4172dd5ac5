-- Ends a key for good, named by its id, its prefix or the whole key.
-- writes: api_keys
-- param: key text
with revoked as (
    update api_keys k set revoked_at = coalesce(k.revoked_at, now())
    where k.id = uuid_or_null(:key) or k.prefix = :key or (split_part(:key, '_', 1) = 'eda' and k.prefix = split_part(:key, '_', 2))
    returning k.prefix
)
select 'eda_' || prefix as prefix from revoked
