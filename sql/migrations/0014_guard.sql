-- Keys whose change is known at once.

-- Whoever changes what a key may do, in whatever way, tells those who remember it (lib/account/account.c).
create function announce_key() returns trigger
    language plpgsql as $$
begin
    perform pg_notify('keys', old.id::text);
    return null;
end
$$;
create trigger api_keys_announce
    after delete or update of user_id, prefix, secret_sha256, role, requests_per_minute, scrapes_per_day, expires_at, revoked_at
    on api_keys for each row execute function announce_key();
