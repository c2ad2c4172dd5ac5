-- Who may do what, and how much: users, their keys, what they used, and the windows of their limits.

create table users (
    id uuid primary key default gen_random_uuid(),
    name text not null unique,                  -- an e-mail address, or any name
    created_at timestamptz not null default now()
);

-- A key is eda_<prefix>_<secret>. The prefix finds the row; of the secret only the digest is here.
create table api_keys (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references users (id) on delete cascade,
    prefix text not null unique,
    secret_sha256 text not null,                -- lower-case hexadecimal
    name text not null,
    role text not null check (role in ('reader', 'writer', 'admin')),
    requests_per_minute integer check (requests_per_minute >= 0), -- null: the service's setting, 0: no limit
    scrapes_per_day integer check (scrapes_per_day >= 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz                    -- to within a minute
);
create index api_keys_user_idx on api_keys (user_id, created_at);

-- What a key has used on a day (UTC). Written by each process every few seconds.
create table usage (
    key_id uuid not null references api_keys (id) on delete cascade,
    day date not null,
    requests bigint not null default 0,
    scrapes bigint not null default 0,
    primary key (key_id, day)
);

-- How much of a limit's window is given out. Processes take portions of it (take_quota), so that the sum of what they
-- let through never exceeds the limit. A crash may forget it: then a window begins again.
create unlogged table quota_windows (
    subject text not null,                      -- key:<id>, ip:<address>
    policy text not null,
    starts_at timestamptz not null,
    used bigint not null,
    primary key (subject, policy)
);

-- Takes up to `wanted` of what is left of the window that now lies in, and nothing when less than `needed` is left: a
-- request that is refused leaves it to others. One row always.
create function take_quota(of_subject text, of_policy text, quota bigint, window_s integer, needed bigint, wanted bigint)
    returns table (granted bigint, used bigint, reset_ms bigint)
    language plpgsql as $$
#variable_conflict use_column
declare
    window_start timestamptz := to_timestamp(floor(extract(epoch from clock_timestamp()) / window_s) * window_s);
    before bigint;
begin
    loop
        insert into quota_windows (subject, policy, starts_at, used) values (of_subject, of_policy, window_start, 0)
        on conflict do nothing;
        select case when q.starts_at >= window_start then q.used else 0 end into before
        from quota_windows q where q.subject = of_subject and q.policy = of_policy for update;
        exit when found; -- an old one may have been removed in between
    end loop;
    granted := case when quota - before >= needed then least(wanted, quota - before) else 0 end;
    update quota_windows q set starts_at = greatest(q.starts_at, window_start), used = before + granted
    where q.subject = of_subject and q.policy = of_policy;
    used := before + granted;
    reset_ms := greatest(floor((extract(epoch from window_start) + window_s - extract(epoch from clock_timestamp())) * 1000), 0);
    return next;
end
$$;

-- Answers to POST requests that carried an Idempotency-Key, for a day.
create table idempotency_keys (
    principal text not null,                    -- key:<id>, internal, ip:<address>
    request text not null,                      -- method and path
    key text not null,
    fingerprint text not null,                  -- SHA-256 of the body
    status integer,                             -- null: still at work
    content_type text,
    location text,
    body text,
    created_at timestamptz not null default now(),
    primary key (principal, request, key)
);
create index idempotency_keys_age_idx on idempotency_keys (created_at);

-- The first to come with a key does the work (is_mine); everybody else sees how far it is. One that has been at work for
-- two minutes has died with its process: the next one takes over.
create function claim_idempotency_key(of_principal text, of_request text, of_key text, of_fingerprint text)
    returns table (is_mine boolean, fingerprint text, status integer, content_type text, location text, body text)
    language plpgsql as $$
#variable_conflict use_column
begin
    delete from idempotency_keys k
    where k.principal = of_principal and k.request = of_request and k.key = of_key
      and (k.created_at < now() - interval '1 day'
           or (k.status is null and k.created_at < now() - interval '2 minutes'));
    insert into idempotency_keys (principal, request, key, fingerprint)
    values (of_principal, of_request, of_key, of_fingerprint) on conflict do nothing;
    is_mine := found;
    return query select is_mine, k.fingerprint, k.status, k.content_type, k.location, k.body
    from idempotency_keys k where k.principal = of_principal and k.request = of_request and k.key = of_key;
end
$$;

-- A key and, when it is new, its user.
create function create_key(user_name text, key_prefix text, secret text, key_name text, key_role text,
                           expires timestamptz, per_minute integer, per_day integer) returns uuid
    language plpgsql as $$
declare
    owner uuid;
    made uuid;
begin
    insert into users (name) values (user_name) on conflict (name) do update set name = excluded.name
    returning id into owner;
    insert into api_keys (user_id, prefix, secret_sha256, name, role, expires_at, requests_per_minute, scrapes_per_day)
    values (owner, key_prefix, secret, key_name, key_role, expires, per_minute, per_day) returning id into made;
    return made;
end
$$;
