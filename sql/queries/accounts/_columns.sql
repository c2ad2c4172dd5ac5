-- A key k as it is shown, with its user u: never its secret.
    k.id, 'eda_' || k.prefix as prefix, k.name, k.role, u.name as user, k.requests_per_minute, k.scrapes_per_day,
    iso_time(k.created_at) as created_at, iso_time(k.expires_at) as expires_at, iso_time(k.revoked_at) as revoked_at,
    iso_time(k.last_used_at) as last_used_at
