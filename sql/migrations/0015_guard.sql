-- Keys whose change is known at once, a bound for what is remembered of requests, and whose a job is
-- (docs/decisions/0023-guards.md).

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

-- What keys used, the newest day first.
create index usage_day_idx on usage (day desc, key_id desc);

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

-- ------------------------------------------------------------------------------------------------- whose a job is

-- Those who asked for a job, or for the one that it follows: they and admins see it. Several, because who asks for the same
-- joins the job that waits. None: jobs of the service's own, of the internal token, and of the time before this table.
create table job_owners (
    job_id uuid not null references jobs (id) on delete cascade,
    user_id uuid not null references users (id) on delete cascade,
    primary key (job_id, user_id)
);
create index job_owners_user_idx on job_owners (user_id, job_id);

-- Who asks, for the rest of the transaction: what is queued in it is theirs. Gives the request back, so that a statement can
-- say that this comes first.
create function asked_by(user_id uuid, request text) returns text
    language plpgsql as $$
begin
    perform set_config('eventd.user', coalesce(asked_by.user_id::text, ''), true);
    return request;
end
$$;

-- Those whose wish a transaction fulfils: who asks in it, and the owners of the job that a worker does in it (hold_job,
-- complete_job).
create function asking_users() returns setof uuid
    language sql stable as $$
    select u.id from users u where u.id = nullif(current_setting('eventd.user', true), '')::uuid
    union
    select o.user_id from job_owners o where o.job_id = nullif(current_setting('eventd.job', true), '')::uuid
$$;

-- As before, and the job is theirs who ask.
create or replace function enqueue_jobs(job_kind text, ids uuid[], force_all boolean, max_age interval, request text,
                                        job_priority integer)
    returns table (event_id uuid, job_id uuid)
    language sql as $$
    with queued as (
        insert into jobs as j (kind, event_id, force, max_age, request_id, priority)
        select job_kind, i, force_all, max_age, request, job_priority
        from (select distinct unnest(ids) as i) wanted order by i
        on conflict (event_id, kind) where state in ('available', 'retryable')
        do update set force = j.force or excluded.force, max_age = least(j.max_age, excluded.max_age),
                      -- A site that asked for patience gets it, unless somebody insists.
                      scheduled_at = case when j.state = 'retryable' and not excluded.force then j.scheduled_at
                                          else least(j.scheduled_at, excluded.scheduled_at) end,
                      priority = least(j.priority, excluded.priority)
        returning j.event_id, j.id
    ), owned as (
        insert into job_owners (job_id, user_id) select q.id, u from queued q, asking_users() u on conflict do nothing
    )
    select q.event_id, q.id from queued q
$$;

-- As before, and the job is theirs who ask. What a worker queues for the service's own sake is nobody's.
create or replace function enqueue_job(job_kind text, job_args json, key text, request text, job_priority integer) returns uuid
    language plpgsql as $$
declare
    job uuid;
begin
    insert into jobs as j (kind, args, same_key, request_id, priority)
    values (job_kind, job_args, key, request, job_priority)
    on conflict (kind, same_key) where state in ('available', 'retryable') and event_id is null
    do update set priority = least(j.priority, excluded.priority)
    returning j.id into job;
    if coalesce(current_setting('eventd.job', true), '') = '' then
        insert into job_owners (job_id, user_id) select job, u from asking_users() u on conflict do nothing;
    end if;
    perform announce_jobs(job_kind);
    return job;
end
$$;
