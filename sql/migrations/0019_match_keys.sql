-- People and companies are found by keys of everything that tells who they are (src/lib/match/keys.h), however their names
-- are written. A name that turns out to be another spelling of a known one becomes a row of its own that is merged from the
-- start: so it can be told why, and undone, like every other merge. docs/decisions/0033-resolving.md

set local search_path = public, ag_catalog;

-- A key is a hash; who has it may be merged into another by now. Keys of names that were seen once stay for ever: they only
-- tell who is worth comparing.
create table speaker_keys (
    key bigint not null,
    speaker_id uuid not null references speakers (id) on delete cascade,
    primary key (key, speaker_id)
);
create index speaker_keys_speaker_idx on speaker_keys (speaker_id);

create table company_keys (
    key bigint not null,
    company_id uuid not null references companies (id) on delete cascade,
    primary key (key, company_id)
);
create index company_keys_company_idx on company_keys (company_id);

-- By which version of the keys a row can be found; 0: it was made without. The processor makes up for what is behind.
alter table speakers add keys_version integer not null default 0;
alter table companies add keys_version integer not null default 0;
create index speakers_keys_version_idx on speakers (keys_version);
create index companies_keys_version_idx on companies (keys_version);

-- Makes sessions that resolve names with a key in common wait for each other until their transactions end: who comes second
-- finds what the first has made. They cannot lock each other out: each asks for the keys of one kind at a time, the kinds in
-- the same order (events, people, companies), and of a kind in sorted order; a key of one kind is not one of another.
create function lock_match_keys(kind integer, keys bigint[]) returns void
    language plpgsql as $$
begin
    perform pg_advisory_xact_lock(k.key)
    from (select distinct hashint8extended(u.key, lock_match_keys.kind) as key from unnest(keys) u (key) order by 1) k;
end
$$;

-- To be called before: a page that names very many asks for all keys there are instead of its own, so that the table of
-- locks stays small. Nobody who has some may ask for all.
create function enter_matching(asks_for_all boolean) returns void
    language plpgsql as $$
begin
    if asks_for_all then
        perform pg_advisory_xact_lock(4203);
    else
        perform pg_advisory_xact_lock_shared(4203);
    end if;
end
$$;

-- A spelling of a known person becomes a row that is merged into theirs. What it tells that was unknown is theirs from now
-- on, and goes back when the merge is undone. It has no links yet: those of the event that names it come with known_as.
create function adopt_speaker(spelling speakers, survivor uuid, links jsonb, reason json, probability real) returns void
    language plpgsql as $$
#variable_conflict use_variable
declare
    kept speakers;
    after speakers;
    aliases jsonb;
    handles jsonb;
begin
    select * into kept from speakers s where s.id = survivor;
    insert into speakers (id, name, normalized_name, company, title, bio, confidence_score, merged_into, keys_version)
    values (spelling.id, spelling.name, spelling.normalized_name, spelling.company, spelling.title, spelling.bio,
            spelling.confidence_score, survivor, spelling.keys_version);
    with new as (
        insert into speaker_aliases (speaker_id, name) values (survivor, spelling.name) on conflict do nothing returning name)
    select jsonb_agg(new.name) into aliases from new;
    with new as (
        insert into speaker_handles (speaker_id, kind, value)
        select survivor, l.key, l.value from jsonb_each_text(coalesce(links, '{}')) l where l.value is not null
        on conflict do nothing returning kind, value)
    select jsonb_agg(to_jsonb(new)) into handles from new;
    update speakers s
    set company = coalesce(s.company, spelling.company), title = coalesce(s.title, spelling.title),
        bio = coalesce(s.bio, spelling.bio), confidence_score = greatest(s.confidence_score, spelling.confidence_score),
        updated_at = now()
    where s.id = survivor returning * into after;
    insert into merges (kind, survivor, loser, actor, reason, probability, undo)
    values ('speaker', survivor, spelling.id, 'processing', reason, probability, jsonb_build_object(
        'was', jsonb_build_object('company', kept.company, 'title', kept.title, 'bio', kept.bio,
                                  'confidence_score', kept.confidence_score),
        'now', jsonb_build_object('company', after.company, 'title', after.title, 'bio', after.bio,
                                  'confidence_score', after.confidence_score),
        'aliases', jsonb_build_array(jsonb_build_object('speaker_id', spelling.id, 'name', spelling.name,
                                                        'first_seen_at', now())),
        'aliases_added', aliases,
        'handles', (select jsonb_agg(jsonb_build_object('speaker_id', spelling.id, 'kind', l.key, 'value', l.value))
                    from jsonb_each_text(coalesce(links, '{}')) l where l.value is not null),
        'handles_added', handles,
        'had_vertices', jsonb_build_object('loser', false, 'survivor', has_vertex('speaker', survivor))));
    perform decide_pair('speaker', spelling.id, survivor, 'merged', 'processing', null, probability, reason);
end
$$;

-- The same for companies.
create function adopt_company(spelling companies, survivor uuid, reason json, probability real) returns void
    language plpgsql as $$
#variable_conflict use_variable
declare
    kept companies;
    after companies;
    aliases jsonb;
begin
    select * into kept from companies c where c.id = survivor;
    insert into companies (id, name, normalized_name, domain, merged_into, keys_version)
    values (spelling.id, spelling.name, spelling.normalized_name, spelling.domain, survivor, spelling.keys_version);
    with new as (
        insert into company_aliases (company_id, name) values (survivor, spelling.name) on conflict do nothing returning name)
    select jsonb_agg(new.name) into aliases from new;
    update companies c set domain = coalesce(c.domain, spelling.domain), updated_at = now()
    where c.id = survivor returning * into after;
    insert into merges (kind, survivor, loser, actor, reason, probability, undo)
    values ('company', survivor, spelling.id, 'processing', reason, probability, jsonb_build_object(
        'was', jsonb_build_object('domain', kept.domain, 'industry', kept.industry),
        'now', jsonb_build_object('domain', after.domain, 'industry', after.industry),
        'aliases', jsonb_build_array(jsonb_build_object('company_id', spelling.id, 'name', spelling.name,
                                                        'first_seen_at', now())),
        'aliases_added', aliases,
        'had_vertices', jsonb_build_object('loser', false, 'survivor', has_vertex('company', survivor))));
    perform decide_pair('company', spelling.id, survivor, 'merged', 'processing', null, probability, reason);
end
$$;

-- Brings answers and graph in step after links have moved between two people or two companies. shown: events that show
-- something that changed; moved: events whose links moved. A vertex stays or goes as is said. Most merges touch few of these:
-- a statement that has nothing to do is not even planned, which took most of the time of a merge.
create or replace function project_entities(kind text, shown uuid[], moved uuid[], kept uuid[], gone uuid[]) returns void
    language plpgsql set search_path = public, ag_catalog as $$
#variable_conflict use_variable
begin
    if cardinality(shown) > 0 then
        perform render_changed(shown);
    end if;
    if cardinality(moved) > 0 then
        perform project_events(moved);
    end if;
    if cardinality(kept) > 0 and kind = 'speaker' then
        insert into event_network."Speaker" (properties)
        select graph_properties(jsonb_build_object('id', s.id, 'name', s.name))
        from speakers s where s.id = any (kept) order by s.id on conflict do nothing;
    elsif cardinality(kept) > 0 then
        insert into event_network."Company" (properties)
        select graph_properties(jsonb_build_object('id', c.id, 'name', c.name))
        from companies c where c.id = any (kept) order by c.id on conflict do nothing;
    end if;
    if cardinality(gone) > 0 and kind = 'speaker' then
        delete from event_network."Speaker" v
        where vertex_key(v.properties) in (select graph_key(i) from unnest(gone) i);
    elsif cardinality(gone) > 0 then
        delete from event_network."Company" v
        where vertex_key(v.properties) in (select graph_key(i) from unnest(gone) i);
    end if;
end
$$;

-- What a merge calls, as functions whose plans a session keeps: those in plain SQL are planned at every call.
create or replace function has_vertex(kind text, row_id uuid) returns boolean
    language plpgsql stable set search_path = public, ag_catalog as $$
begin
    if kind = 'speaker' then
        return exists (select from event_network."Speaker" v where vertex_key(v.properties) = graph_key(row_id));
    end if;
    return exists (select from event_network."Company" v where vertex_key(v.properties) = graph_key(row_id));
end
$$;

create or replace function record_changes(type text, ids uuid[], data json default null) returns void
    language plpgsql as $$
#variable_conflict use_variable
begin
    insert into changes (type, id, data) select type, i, data from unnest(ids) i;
    perform pg_notify('changes', '');
end
$$;

create or replace function decide_pair(pair_kind text, one uuid, two uuid, decision text, actor text, why text,
                                       probability real, reason json) returns void
    language plpgsql as $$
#variable_conflict use_variable
begin
    insert into duplicates as d (kind, a, b, score, evidence, status, decided_by, decided_at, note)
    values (pair_kind, least(one, two), greatest(one, two), coalesce(probability, 0), coalesce(reason, '[]'),
            decision, actor, now(), why)
    on conflict on constraint duplicates_kind_a_b_key do update
    set status = excluded.status, decided_by = excluded.decided_by, decided_at = excluded.decided_at,
        note = coalesce(excluded.note, d.note);
end
$$;
