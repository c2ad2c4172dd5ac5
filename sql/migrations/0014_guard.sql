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

-- As before, and of one principal at most `most` are remembered (about: those who come at the same time do not see each
-- other). Another one does not become anybody's; wait_s says when there is room. Those that are known are answered.
drop function claim_idempotency_key(text, text, text, text);
create index idempotency_keys_principal_idx on idempotency_keys (principal, created_at);
create function claim_idempotency_key(of_principal text, of_request text, of_key text, of_fingerprint text, most integer)
    returns table (is_mine boolean, wait_s integer, fingerprint text, status integer, content_type text, location text, body text)
    language plpgsql as $$
#variable_conflict use_column
declare
    in_the_way timestamptz;
begin
    delete from idempotency_keys k
    where k.principal = of_principal and k.request = of_request and k.key = of_key
      and (k.created_at < now() - interval '1 day'
           or (k.status is null and k.created_at < now() - interval '2 minutes'));
    select k.created_at into in_the_way from idempotency_keys k
    where k.principal = of_principal and k.created_at >= now() - interval '1 day'
    order by k.created_at desc offset most - 1 limit 1;
    if in_the_way is not null
       and not exists (select from idempotency_keys k
                       where k.principal = of_principal and k.request = of_request and k.key = of_key) then
        return query select false, ceil(extract(epoch from in_the_way + interval '1 day' - now()))::integer,
                            null::text, null::integer, null::text, null::text, null::text;
        return;
    end if;
    insert into idempotency_keys (principal, request, key, fingerprint)
    values (of_principal, of_request, of_key, of_fingerprint) on conflict do nothing;
    is_mine := found;
    return query select is_mine, null::integer, k.fingerprint, k.status, k.content_type, k.location, k.body
    from idempotency_keys k where k.principal = of_principal and k.request = of_request and k.key = of_key;
end
$$;
