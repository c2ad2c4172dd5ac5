-- Two rows that turned out to be one person, company or event: the loser stays as another name of the survivor. Every
-- merge can be undone; what that takes is kept with it. docs/decisions/0018-merges.md says why it is done this way.

-- The graph's operators live in AGE's schema; the bodies below bind to them when they are created.
set local search_path = public, ag_catalog;

alter table speakers add merged_into uuid references speakers (id) check (merged_into <> id);
alter table companies add merged_into uuid references companies (id) check (merged_into <> id);
create index speakers_merged_idx on speakers (merged_into) where merged_into is not null;
create index companies_merged_idx on companies (merged_into) where merged_into is not null;

-- Whose name the page uses, when that is one who was merged into the one the link leads to. By it a merge that is undone
-- finds its links again, those that were read after it too.
alter table event_speakers add known_as uuid references speakers (id) on delete set null;
alter table event_companies add known_as uuid references companies (id) on delete set null;

create table merges (
    id uuid primary key default gen_random_uuid(),
    seq bigint generated always as identity unique, -- their order
    kind text not null check (kind in ('speaker', 'company', 'event')),
    survivor uuid not null,
    loser uuid not null check (loser <> survivor),
    actor text not null,                        -- who did it: a user, 'deduplicate', 'processing'
    reason json not null default '{}',          -- the rule or the evidence
    probability real,                           -- by the scorer; null: nobody asked it
    undo jsonb not null,                        -- what it changed, for undo_merge
    created_at timestamptz not null default now(),
    undone_at timestamptz,
    undone_by text
);
create index merges_survivor_idx on merges (kind, survivor) where undone_at is null;
create index merges_loser_idx on merges (kind, loser);

-- Pairs that may be one. 'distinct' is for ever: such a pair is not proposed again.
create table duplicates (
    id uuid primary key default gen_random_uuid(),
    kind text not null check (kind in ('speaker', 'company', 'event')),
    a uuid not null,
    b uuid not null check (a < b),
    score real not null check (score between 0 and 1),
    evidence json not null default '[]',
    status text not null default 'pending' check (status in ('pending', 'merged', 'distinct', 'deferred')),
    decided_by text,
    decided_at timestamptz,
    note text,
    created_at timestamptz not null default now(),
    unique (kind, a, b)
);
create index duplicates_list_idx on duplicates (score desc, id desc);
create index duplicates_b_idx on duplicates (b);

-- ------------------------------------------------------------------------------------------------- the gate

-- Who links events to people and companies shares the gate; who merges those has it alone. So a merge sees every link
-- there is, no link to a loser can come into being behind its back, and the two never wait for each other in a circle.
-- Both until the transaction ends; taken before any lock but the job's.
create function share_entities() returns void
    language sql
    return pg_advisory_xact_lock_shared(4202);

create function hold_entities() returns void
    language sql
    return pg_advisory_xact_lock(4202);

-- -------------------------------------------------------------------------------------- pairs of one that is merged

create function status_rank(status text) returns integer
    language sql immutable strict parallel safe
    return array_position(array['pending', 'deferred', 'distinct', 'merged'], status);

-- What was thought of the loser and a third holds for the survivor and the third, the stronger opinion first: who is
-- distinct from the loser is distinct from the survivor. Returns what changed: [{was, other, now}].
create function repoint_duplicates(pair_kind text, loser uuid, survivor uuid) returns jsonb
    language plpgsql as $$
declare
    was duplicates;
    other duplicates;
    after duplicates;
    third uuid;
    changed jsonb := '[]';
begin
    for was in select * from duplicates d where d.kind = pair_kind and loser in (d.a, d.b) and d.status <> 'merged'
               and survivor not in (d.a, d.b) order by d.id loop
        third := case when was.a = loser then was.b else was.a end;
        select * into other from duplicates d
        where d.kind = pair_kind and d.a = least(third, survivor) and d.b = greatest(third, survivor);
        if other.id is null then
            update duplicates d set a = least(third, survivor), b = greatest(third, survivor) where d.id = was.id
            returning * into after;
        else
            delete from duplicates d where d.id = was.id;
            after := other;
            if status_rank(was.status) > status_rank(other.status) then
                update duplicates d set status = was.status, decided_by = was.decided_by, decided_at = was.decided_at,
                                        note = was.note
                where d.id = other.id returning * into after;
            end if;
        end if;
        changed := changed || jsonb_build_array(jsonb_build_object(
            'was', to_jsonb(was), 'other', case when other.id is not null then to_jsonb(other) end,
            'now', to_jsonb(after)));
    end loop;
    return changed;
end
$$;

-- The other way round. A pair that somebody has decided since keeps that decision.
create function restore_duplicates(changed jsonb) returns void
    language plpgsql as $$
declare
    step jsonb;
    was duplicates;
    present duplicates;
begin
    -- Backwards: a later step may have changed what an earlier one made.
    for step in select s from jsonb_array_elements(changed) with ordinality as x (s, n) order by n desc loop
        was := jsonb_populate_record(null::duplicates, step -> 'was');
        select * into present from duplicates d where d.id = (step -> 'now' ->> 'id')::uuid;
        if present.a::text = step -> 'now' ->> 'a' and present.b::text = step -> 'now' ->> 'b'
           and present.status = step -> 'now' ->> 'status' then
            delete from duplicates d where d.id = present.id;
            if step ->> 'other' is not null then
                insert into duplicates select (jsonb_populate_record(null::duplicates, step -> 'other')).*;
            end if;
        end if;
        if exists (select from duplicates d where d.id = was.id) then
            was.id := gen_random_uuid();
        end if;
        insert into duplicates select was.* on conflict do nothing;
    end loop;
end
$$;

-- Says of a pair what was decided; the pair comes into being when nobody had thought of it.
create function decide_pair(pair_kind text, one uuid, two uuid, decision text, actor text, why text,
                            probability real, reason json) returns void
    language sql
begin atomic
    insert into duplicates as d (kind, a, b, score, evidence, status, decided_by, decided_at, note)
    values (pair_kind, least(one, two), greatest(one, two), coalesce(probability, 0), coalesce(reason, '[]'),
            decision, actor, now(), why)
    on conflict (kind, a, b) do update
    set status = excluded.status, decided_by = excluded.decided_by, decided_at = excluded.decided_at,
        note = coalesce(excluded.note, d.note);
end;

-- ------------------------------------------------------------------------------------------------ projections

create function has_vertex(kind text, row_id uuid) returns boolean
    language sql stable
    return case kind
        when 'speaker' then exists (select from event_network."Speaker" v where vertex_key(v.properties) = graph_key(row_id))
        else exists (select from event_network."Company" v where vertex_key(v.properties) = graph_key(row_id)) end;

-- Renders events that may show something new. Those that do have been updated, and followers are told.
create function render_changed(ids uuid[]) returns void
    language plpgsql as $$
declare
    before jsonb;
    changed uuid[];
begin
    select jsonb_object_agg(e.id, md5(e.document::text)) into before from events e where e.id = any (ids);
    perform render_events(ids);
    changed := array(select e.id from events e
                     where e.id = any (ids) and md5(e.document::text) is distinct from before ->> e.id::text);
    if cardinality(changed) = 0 then
        return;
    end if;
    update events e set updated_at = now() where e.id = any (changed);
    perform render_events(changed);
    perform record_changes('event.updated', array(
        select e.id from events e
        where e.id = any (changed) and e.processed_at is not null and e.merged_into is null order by e.id));
end
$$;

-- Brings answers and graph in step after links have moved between two people or two companies. shown: events that show
-- something that changed; moved: events whose links moved. A vertex stays or goes as is said.
create function project_entities(kind text, shown uuid[], moved uuid[], kept uuid[], gone uuid[]) returns void
    language sql
begin atomic
    select render_changed(shown);
    select project_events(moved);
    insert into event_network."Speaker" (properties)
    select graph_properties(jsonb_build_object('id', s.id, 'name', s.name))
    from speakers s where s.id = any (kept) and kind = 'speaker' order by s.id on conflict do nothing;
    insert into event_network."Company" (properties)
    select graph_properties(jsonb_build_object('id', c.id, 'name', c.name))
    from companies c where c.id = any (kept) and kind = 'company' order by c.id on conflict do nothing;
    delete from event_network."Speaker" v
    where kind = 'speaker' and vertex_key(v.properties) in (select graph_key(i) from unnest(gone) i);
    delete from event_network."Company" v
    where kind = 'company' and vertex_key(v.properties) in (select graph_key(i) from unnest(gone) i);
end;

-- Locks the events of two people or companies, in the order of their ids as everybody does.
create function lock_linked_events(kind text, one uuid, two uuid) returns void
    language plpgsql as $$
begin
    perform from events e
    where e.id in (select l.event_id from event_speakers l where kind = 'speaker' and l.speaker_id in (one, two)
                   union select l.event_id from event_companies l where kind = 'company' and l.company_id in (one, two))
    order by e.id for update;
end
$$;

-- -------------------------------------------------------------------------------------------------- merging

-- Makes one person of two: links, spellings, handles, followers and pairs of the loser become the survivor's, and so
-- does what only the loser's row told. Where both are on an event in one role, the link read with more confidence stays.
-- Returns the id of the merge; null when one is unknown or merged already.
create function merge_speakers(loser uuid, survivor uuid, actor text, reason json default '{}',
                               probability real default null) returns uuid
    language plpgsql as $$
#variable_conflict use_variable
declare
    gone speakers;
    kept speakers;
    after speakers;
    merge uuid := gen_random_uuid();
    undo jsonb;
    moved uuid[];
    added jsonb;
begin
    perform hold_entities();
    select * into gone from speakers s where s.id = loser;
    select * into kept from speakers s where s.id = survivor;
    if gone.id is null or kept.id is null or gone.id = kept.id
       or gone.merged_into is not null or kept.merged_into is not null then
        return null;
    end if;
    perform lock_linked_events('speaker', loser, survivor);

    select array_agg(distinct l.event_id) into moved from event_speakers l where l.speaker_id = loser;
    undo := jsonb_build_object(
        'was', jsonb_build_object('company', kept.company, 'title', kept.title, 'bio', kept.bio,
                                  'confidence_score', kept.confidence_score),
        'covered', (select jsonb_agg(jsonb_build_object('loser', to_jsonb(l), 'survivor', to_jsonb(k),
                                                         'processed_at', e.processed_at))
                    from event_speakers l join event_speakers k using (event_id, role)
                    join events e on e.id = l.event_id
                    where l.speaker_id = loser and k.speaker_id = survivor),
        'aliases', (select jsonb_agg(to_jsonb(a)) from speaker_aliases a where a.speaker_id = loser),
        'handles', (select jsonb_agg(to_jsonb(h)) from speaker_handles h where h.speaker_id = loser),
        'had_vertices', jsonb_build_object('loser', has_vertex('speaker', loser),
                                           'survivor', has_vertex('speaker', survivor)));

    update event_speakers k
    set extraction_confidence = l.extraction_confidence, evidence = l.evidence, method = l.method
    from event_speakers l
    where l.speaker_id = loser and k.speaker_id = survivor and k.event_id = l.event_id and k.role = l.role
      and l.extraction_confidence > k.extraction_confidence;
    delete from event_speakers l using event_speakers k
    where l.speaker_id = loser and k.speaker_id = survivor and k.event_id = l.event_id and k.role = l.role;
    update event_speakers l set speaker_id = survivor, known_as = coalesce(l.known_as, loser)
    where l.speaker_id = loser;

    with new as (
        insert into speaker_aliases (speaker_id, name, first_seen_at)
        select survivor, a.name, a.first_seen_at from speaker_aliases a where a.speaker_id = loser
        on conflict do nothing returning name)
    select jsonb_agg(new.name) into added from new;
    undo := undo || jsonb_build_object('aliases_added', added);
    delete from speaker_aliases a where a.speaker_id = loser;
    with new as (
        insert into speaker_handles (speaker_id, kind, value)
        select survivor, h.kind, h.value from speaker_handles h where h.speaker_id = loser
        on conflict do nothing returning kind, value)
    select jsonb_agg(to_jsonb(new)) into added from new;
    undo := undo || jsonb_build_object('handles_added', added);
    delete from speaker_handles h where h.speaker_id = loser;

    update speakers s
    set company = coalesce(s.company, gone.company), title = coalesce(s.title, gone.title),
        bio = coalesce(s.bio, gone.bio), confidence_score = greatest(s.confidence_score, gone.confidence_score),
        updated_at = now()
    where s.id = survivor returning * into after;
    with followers as (
        update speakers s set merged_into = survivor where s.merged_into = loser returning s.id)
    select jsonb_agg(f.id) into added from followers f;
    update speakers s set merged_into = survivor, updated_at = now() where s.id = loser;
    undo := undo || jsonb_build_object(
        'followers', added, 'pairs', repoint_duplicates('speaker', loser, survivor),
        'now', jsonb_build_object('company', after.company, 'title', after.title, 'bio', after.bio,
                                  'confidence_score', after.confidence_score));

    insert into merges (id, kind, survivor, loser, actor, reason, probability, undo)
    values (merge, 'speaker', survivor, loser, actor, reason, probability, undo);
    perform decide_pair('speaker', loser, survivor, 'merged', actor, null, probability, reason);
    perform project_entities(
        'speaker',
        case when after.company is distinct from kept.company
             then array(select distinct l.event_id from event_speakers l where l.speaker_id = survivor)
             else moved end,
        moved, '{}', array[loser]);
    perform record_changes('speaker.merged', array[loser],
                           json_build_object('merged_into', survivor, 'merge_id', merge));
    return merge;
end
$$;

-- The same for companies.
create function merge_companies(loser uuid, survivor uuid, actor text, reason json default '{}',
                                probability real default null) returns uuid
    language plpgsql as $$
#variable_conflict use_variable
declare
    gone companies;
    kept companies;
    after companies;
    merge uuid := gen_random_uuid();
    undo jsonb;
    moved uuid[];
    added jsonb;
begin
    perform hold_entities();
    select * into gone from companies c where c.id = loser;
    select * into kept from companies c where c.id = survivor;
    if gone.id is null or kept.id is null or gone.id = kept.id
       or gone.merged_into is not null or kept.merged_into is not null then
        return null;
    end if;
    perform lock_linked_events('company', loser, survivor);

    select array_agg(distinct l.event_id) into moved from event_companies l where l.company_id = loser;
    undo := jsonb_build_object(
        'was', jsonb_build_object('domain', kept.domain, 'industry', kept.industry),
        'covered', (select jsonb_agg(jsonb_build_object('loser', to_jsonb(l), 'survivor', to_jsonb(k),
                                                         'processed_at', e.processed_at))
                    from event_companies l join event_companies k using (event_id, relationship_type)
                    join events e on e.id = l.event_id
                    where l.company_id = loser and k.company_id = survivor),
        'aliases', (select jsonb_agg(to_jsonb(a)) from company_aliases a where a.company_id = loser),
        'had_vertices', jsonb_build_object('loser', has_vertex('company', loser),
                                           'survivor', has_vertex('company', survivor)));

    update event_companies k
    set extraction_confidence = l.extraction_confidence, evidence = l.evidence, method = l.method
    from event_companies l
    where l.company_id = loser and k.company_id = survivor and k.event_id = l.event_id
      and k.relationship_type = l.relationship_type and l.extraction_confidence > k.extraction_confidence;
    delete from event_companies l using event_companies k
    where l.company_id = loser and k.company_id = survivor and k.event_id = l.event_id
      and k.relationship_type = l.relationship_type;
    update event_companies l set company_id = survivor, known_as = coalesce(l.known_as, loser)
    where l.company_id = loser;

    with new as (
        insert into company_aliases (company_id, name, first_seen_at)
        select survivor, a.name, a.first_seen_at from company_aliases a where a.company_id = loser
        on conflict do nothing returning name)
    select jsonb_agg(new.name) into added from new;
    undo := undo || jsonb_build_object('aliases_added', added);
    delete from company_aliases a where a.company_id = loser;

    update companies c
    set domain = coalesce(c.domain, gone.domain), industry = coalesce(c.industry, gone.industry), updated_at = now()
    where c.id = survivor returning * into after;
    with followers as (
        update companies c set merged_into = survivor where c.merged_into = loser returning c.id)
    select jsonb_agg(f.id) into added from followers f;
    update companies c set merged_into = survivor, updated_at = now() where c.id = loser;
    undo := undo || jsonb_build_object(
        'followers', added, 'pairs', repoint_duplicates('company', loser, survivor),
        'now', jsonb_build_object('domain', after.domain, 'industry', after.industry));

    insert into merges (id, kind, survivor, loser, actor, reason, probability, undo)
    values (merge, 'company', survivor, loser, actor, reason, probability, undo);
    perform decide_pair('company', loser, survivor, 'merged', actor, null, probability, reason);
    perform project_entities(
        'company',
        case when after.domain is distinct from kept.domain
             then array(select distinct l.event_id from event_companies l where l.company_id = survivor)
             else moved end,
        moved, '{}', array[loser]);
    perform record_changes('company.merged', array[loser],
                           json_build_object('merged_into', survivor, 'merge_id', merge));
    return merge;
end
$$;

-- Two addresses turned out to be one event: one row becomes another name of the other. The one that was read stays,
-- else `survivor`. What was stored under the loser goes to the merge's undo data; its addresses move, and so do batches
-- that wait for it. Returns the id that stays; that of `loser` itself when nothing was merged (both are one already).
drop function merge_event_into(uuid, uuid);
create function merge_event_into(loser uuid, survivor uuid, actor text default 'processing',
                                 reason json default '{"rule":"same_source"}', probability real default null)
    returns uuid language plpgsql as $$
#variable_conflict use_variable
declare
    gone events;
    kept events;
    merge uuid := gen_random_uuid();
    undo jsonb;
    moved jsonb;
begin
    perform from events e where e.id in (loser, survivor) order by e.id for update;
    select * into gone from events e where e.id = loser;
    select * into kept from events e where e.id = survivor;
    -- Somebody else may have merged one of them while we waited for the locks: then nothing is to be done.
    if gone.merged_into is not null or kept.merged_into is not null or gone.id = kept.id
       or gone.id is null or kept.id is null then
        return coalesce(gone.merged_into, loser);
    end if;
    if kept.processed_at is null and gone.processed_at is not null then
        select * into gone from events e where e.id = survivor;
        select * into kept from events e where e.id = loser;
    end if;
    undo := jsonb_build_object(
        'was', jsonb_build_object(
            'processing_status', gone.processing_status, 'processing_error', gone.processing_error,
            'processing_error_detail', gone.processing_error_detail, 'raw_html', gone.raw_html,
            'extracted_data', gone.extracted_data, 'embedding', gone.embedding::text,
            'embedding_model', gone.embedding_model, 'luma_id', gone.luma_id),
        'speakers', (select jsonb_agg(to_jsonb(l)) from event_speakers l where l.event_id = gone.id),
        'companies', (select jsonb_agg(to_jsonb(l)) from event_companies l where l.event_id = gone.id),
        'topics', (select jsonb_agg(to_jsonb(l)) from event_topics l where l.event_id = gone.id),
        'sources', (select jsonb_agg(s.url) from event_sources s where s.event_id = gone.id),
        'pairs', repoint_duplicates('event', gone.id, kept.id));
    update event_sources s set event_id = kept.id where s.event_id = gone.id;
    with followers as (
        update events e set merged_into = kept.id where e.merged_into = gone.id returning e.id)
    select jsonb_agg(f.id) into moved from followers f;
    undo := undo || jsonb_build_object('followers', moved);
    delete from event_speakers l where l.event_id = gone.id;
    delete from event_companies l where l.event_id = gone.id;
    delete from event_topics l where l.event_id = gone.id;
    update events e
    set merged_into = kept.id, processing_status = 'processed', processing_error = null,
        processing_error_detail = null, raw_html = null, extracted_data = null, embedding = null,
        embedding_model = null, luma_id = null
    where e.id = gone.id;
    -- The one that stays must be read, if nobody has yet and it is not the one at work.
    if kept.id = survivor and kept.processed_at is null then
        perform enqueue_jobs('scrape', array[kept.id], false, '0', null, 5);
        perform announce_jobs('scrape');
    end if;
    update batch_items i set event_id = kept.id where i.event_id = gone.id and i.state = 'pending';
    perform close_batch_items(kept.id, null);
    insert into merges (id, kind, survivor, loser, actor, reason, probability, undo)
    values (merge, 'event', kept.id, gone.id, actor, reason, probability, undo);
    perform decide_pair('event', gone.id, kept.id, 'merged', actor, null, probability, reason);
    perform project_events(array[gone.id]);
    perform render_changed(array[gone.id, kept.id]);
    perform record_changes('event.merged', array[gone.id],
                           json_build_object('merged_into', kept.id, 'merge_id', merge));
    return kept.id;
end
$$;

-- Which of two stays: who is on more events, then who was known first. Null when one is unknown or merged.
create function choose_survivor(kind text, one uuid, two uuid) returns uuid
    language sql stable
    return (select case when count(*) = 2 then (array_agg(x.id order by x.links desc, x.created_at, x.id))[1] end
            from (select s.id, s.created_at, (select count(*) from event_speakers l where l.speaker_id = s.id) as links
                  from speakers s where kind = 'speaker' and s.id in (one, two) and s.merged_into is null
                  union all
                  select c.id, c.created_at, (select count(*) from event_companies l where l.company_id = c.id)
                  from companies c where kind = 'company' and c.id in (one, two) and c.merged_into is null
                  union all
                  select e.id, e.created_at, (select count(*) from event_sources u where u.event_id = e.id)
                  from events e where kind = 'event' and e.id in (one, two) and e.merged_into is null) x);

-- Merges two of a kind, whichever stays. Returns the merge; null when there is nothing to merge.
create function merge_pair(kind text, one uuid, two uuid, actor text, reason json, probability real) returns uuid
    language plpgsql as $$
#variable_conflict use_variable
declare
    survivor uuid;
    loser uuid;
begin
    if kind <> 'event' then
        perform hold_entities(); -- before looking which of them has more
    end if;
    survivor := choose_survivor(kind, one, two);
    loser := case when survivor = one then two else one end;
    if survivor is null then
        return null;
    end if;
    case kind
        when 'speaker' then return merge_speakers(loser, survivor, actor, reason, probability);
        when 'company' then return merge_companies(loser, survivor, actor, reason, probability);
        else
            perform merge_event_into(loser, survivor, actor, reason, probability);
            return (select m.id from merges m
                    where m.kind = 'event' and m.loser in (one, two) and m.survivor in (one, two)
                      and m.undone_at is null
                    order by m.seq desc limit 1);
    end case;
end
$$;

-- The same, for those who go by rules: not against what a person has decided.
create function merge_undecided_pair(kind text, one uuid, two uuid, actor text, reason json, probability real)
    returns uuid language plpgsql as $$
#variable_conflict use_variable
begin
    if kind <> 'event' then
        perform hold_entities();
    end if;
    if exists (select from duplicates d where d.kind = kind and d.a = least(one, two) and d.b = greatest(one, two)
                                              and d.status <> 'pending') then
        return null;
    end if;
    return merge_pair(kind, one, two, actor, reason, probability);
end
$$;

-- A person's decision about a pair. No row: no such pair. status: what it is now; merge_id: of the merge this made.
-- refused: why nothing was done: one of the pair is gone, or they are one already.
create function decide_duplicate(pair uuid, decision text, decided_note text, actor text)
    returns table (id uuid, kind text, status text, merge_id uuid, refused text)
    language plpgsql as $$
#variable_conflict use_variable
declare
    d duplicates;
    made uuid;
begin
    perform hold_entities();
    select * into d from duplicates p where p.id = pair for update;
    if d.id is null then
        return;
    end if;
    if d.status = 'merged' or choose_survivor(d.kind, d.a, d.b) is null then
        return query select d.id, d.kind, d.status, null::uuid,
            case when d.status = 'merged' then 'they are one already: undo the merge first'
                 else 'one of the two is gone' end;
        return;
    end if;
    if decision = 'merge' then
        made := merge_pair(d.kind, d.a, d.b, actor, d.evidence, d.score);
    end if;
    perform decide_pair(d.kind, d.a, d.b, case decision when 'merge' then 'merged' when 'defer' then 'deferred'
                                               else decision end, actor, decided_note, d.score, d.evidence);
    return query select p.id, p.kind, p.status, made, null::text from duplicates p where p.id = pair;
end
$$;

-- --------------------------------------------------------------------------------------------------- undoing

-- What stands in the way of undoing a merge, as [{code, detail, merge_id?, event_id?}]; empty: nothing.
create function undo_conflicts(merge uuid) returns json
    language sql stable
    return (
        select coalesce(json_agg(json_strip_nulls(json_build_object(
            'code', c.code, 'detail', c.detail, 'merge_id', c.merge_id, 'event_id', c.event_id)) order by c.seq desc), '[]')
        from (
            select m.seq, 'already_undone' as code, 'it was undone ' || iso_time(m.undone_at) as detail,
                   null::uuid as merge_id, null::uuid as event_id
            from merges m where m.id = merge and m.undone_at is not null
            union all
            -- Later merges of the survivor were made of what this one gave it.
            select l.seq, 'later_merge',
                   case when l.loser = m.survivor then 'the survivor was merged into another: undo that first'
                        else 'another was merged into the survivor later: undo that first' end, l.id, null
            from merges m join merges l on l.kind = m.kind and l.undone_at is null and l.seq > m.seq
                 and (l.loser = m.survivor or (l.survivor = m.survivor and m.kind <> 'event'))
            where m.id = merge and m.undone_at is null
            union all
            -- An event where both were in one role was merged away since: it has only what this merge made of the two.
            select distinct l.seq, 'later_merge', 'an event of both was merged into another later: undo that first', l.id,
                   null::uuid
            from merges m
            cross join jsonb_array_elements(coalesce(nullif(m.undo -> 'covered', 'null'), '[]')) c
            join merges l on l.kind = 'event' and l.undone_at is null and l.seq > m.seq
                          and l.loser = (c -> 'loser' ->> 'event_id')::uuid
            where m.id = merge and m.undone_at is null
            union all
            -- Two that were in one role on this event are one by now, and could not both come back.
            select distinct l.seq, 'later_merge', 'two of its people or companies were merged later: undo that first', l.id,
                   null::uuid
            from merges m
            cross join lateral (
                select 'speaker' as kind, coalesce(o.merged_into, o.id) as root
                from jsonb_populate_recordset(null::event_speakers, coalesce(nullif(m.undo -> 'speakers', 'null'), '[]')) r
                join speakers o on o.id = coalesce(r.known_as, r.speaker_id)
                group by root, r.role having count(*) > 1
                union all
                select 'company', coalesce(o.merged_into, o.id) as root
                from jsonb_populate_recordset(null::event_companies, coalesce(nullif(m.undo -> 'companies', 'null'), '[]')) r
                join companies o on o.id = coalesce(r.known_as, r.company_id)
                group by root, r.relationship_type having count(*) > 1) t
            join merges l on l.kind = t.kind and l.survivor = t.root and l.undone_at is null and l.seq > m.seq
            where m.id = merge and m.kind = 'event' and m.undone_at is null
            union all
            select m.seq, 'same_source', 'the pages name one event at the source: the next reading would merge them again',
                   null, null
            from merges m
            where m.id = merge and m.kind = 'event' and m.undone_at is null and m.reason ->> 'rule' = 'same_source'
            union all
            select m.seq, 'same_source', 'another event has its id at the source by now', null, e.id
            from merges m join events e on e.luma_id = m.undo -> 'was' ->> 'luma_id' and e.merged_into is null
            where m.id = merge and m.kind = 'event' and m.undone_at is null
            union all
            select m.seq, 'gone', 'one of the two was deleted', null, null
            from merges m
            where m.id = merge and m.undone_at is null
              and (select count(*) from (
                       select s.id from speakers s where m.kind = 'speaker' and s.id in (m.survivor, m.loser)
                       union all
                       select c.id from companies c where m.kind = 'company' and c.id in (m.survivor, m.loser)
                       union all
                       select e.id from events e where m.kind = 'event' and e.id in (m.survivor, m.loser)) x) < 2) c);

-- Takes two people apart again. Links that go by the loser's name go back to it, those read after the merge too; where
-- both were on an event in one role, each has its own link again. What was read or decided otherwise since stays.
create function unmerge_speakers(m merges) returns void
    language plpgsql as $$
declare
    owners uuid[] := array[m.loser] || array(select jsonb_array_elements_text(m.undo -> 'followers')::uuid
                                             where jsonb_typeof(m.undo -> 'followers') = 'array');
    was speakers := jsonb_populate_record(null::speakers, m.undo -> 'was');
    then_ speakers := jsonb_populate_record(null::speakers, m.undo -> 'now');
    covered jsonb; -- of events that were not read again since: those know better
    shown uuid[];
    moved uuid[];
begin
    perform lock_linked_events('speaker', m.loser, m.survivor);
    select coalesce(jsonb_agg(c), '[]') into covered
    from jsonb_array_elements(coalesce(nullif(m.undo -> 'covered', 'null'), '[]')) c
    join events e on e.id = (c -> 'loser' ->> 'event_id')::uuid
                     and e.processed_at is not distinct from (c ->> 'processed_at')::timestamptz;
    update speakers s set merged_into = null, updated_at = now() where s.id = m.loser;
    update speakers s set merged_into = m.loser where s.id = any (owners) and s.id <> m.loser;

    with back as (
        update event_speakers l set speaker_id = m.loser, known_as = nullif(l.known_as, m.loser)
        where l.speaker_id = m.survivor and l.known_as = any (owners) returning l.event_id)
    select array_agg(distinct b.event_id) into moved from back b;
    with pairs as (
        select (jsonb_populate_record(null::event_speakers, p -> 'loser')).* from jsonb_array_elements(covered) p
    ), own as (
        insert into event_speakers (event_id, speaker_id, role, extraction_confidence, evidence, method, known_as)
        select p.event_id, m.loser, p.role, p.extraction_confidence, p.evidence, p.method, p.known_as
        from pairs p join event_speakers k on k.event_id = p.event_id and k.role = p.role and k.speaker_id = m.survivor
        on conflict do nothing returning event_id)
    select coalesce(moved, '{}') || coalesce(array_agg(o.event_id), '{}') into moved from own o;
    update event_speakers k
    set extraction_confidence = s.extraction_confidence, evidence = s.evidence, method = s.method
    from (select (jsonb_populate_record(null::event_speakers, p -> 'survivor')).*,
                 (jsonb_populate_record(null::event_speakers, p -> 'loser')).extraction_confidence as given,
                 (jsonb_populate_record(null::event_speakers, p -> 'loser')).evidence as given_evidence
          from jsonb_array_elements(covered) p) s
    where k.event_id = s.event_id and k.role = s.role and k.speaker_id = m.survivor
      and k.extraction_confidence = s.given and k.evidence is not distinct from s.given_evidence
      and s.given > s.extraction_confidence;

    delete from speaker_aliases a
    where a.speaker_id = m.survivor and m.undo -> 'aliases_added' @> to_jsonb(a.name);
    insert into speaker_aliases
    select a.* from jsonb_populate_recordset(
        null::speaker_aliases, coalesce(nullif(m.undo -> 'aliases', 'null'), '[]')) a on conflict do nothing;
    delete from speaker_handles h
    where h.speaker_id = m.survivor
      and m.undo -> 'handles_added' @> jsonb_build_array(jsonb_build_object('kind', h.kind, 'value', h.value));
    insert into speaker_handles
    select h.* from jsonb_populate_recordset(
        null::speaker_handles, coalesce(nullif(m.undo -> 'handles', 'null'), '[]')) h on conflict do nothing;

    update speakers s
    set company = case when s.company is not distinct from then_.company then was.company else s.company end,
        title = case when s.title is not distinct from then_.title then was.title else s.title end,
        bio = case when s.bio is not distinct from then_.bio then was.bio else s.bio end,
        confidence_score = case when s.confidence_score = then_.confidence_score then was.confidence_score
                                else s.confidence_score end,
        updated_at = now()
    where s.id = m.survivor;
    perform restore_duplicates(m.undo -> 'pairs');
    shown := moved || case when was.company is distinct from then_.company
                           then array(select l.event_id from event_speakers l where l.speaker_id = m.survivor)
                           else '{}' end;
    perform project_entities(
        'speaker', shown, moved,
        case when (m.undo -> 'had_vertices' ->> 'loser')::boolean then array[m.loser] else '{}' end,
        case when not (m.undo -> 'had_vertices' ->> 'survivor')::boolean
                  and not exists (select from event_speakers l where l.speaker_id = m.survivor)
             then array[m.survivor] else '{}' end);
end
$$;

-- The same for companies.
create function unmerge_companies(m merges) returns void
    language plpgsql as $$
declare
    owners uuid[] := array[m.loser] || array(select jsonb_array_elements_text(m.undo -> 'followers')::uuid
                                             where jsonb_typeof(m.undo -> 'followers') = 'array');
    was companies := jsonb_populate_record(null::companies, m.undo -> 'was');
    then_ companies := jsonb_populate_record(null::companies, m.undo -> 'now');
    covered jsonb; -- of events that were not read again since: those know better
    shown uuid[];
    moved uuid[];
begin
    perform lock_linked_events('company', m.loser, m.survivor);
    select coalesce(jsonb_agg(c), '[]') into covered
    from jsonb_array_elements(coalesce(nullif(m.undo -> 'covered', 'null'), '[]')) c
    join events e on e.id = (c -> 'loser' ->> 'event_id')::uuid
                     and e.processed_at is not distinct from (c ->> 'processed_at')::timestamptz;
    update companies c set merged_into = null, updated_at = now() where c.id = m.loser;
    update companies c set merged_into = m.loser where c.id = any (owners) and c.id <> m.loser;

    with back as (
        update event_companies l set company_id = m.loser, known_as = nullif(l.known_as, m.loser)
        where l.company_id = m.survivor and l.known_as = any (owners) returning l.event_id)
    select array_agg(distinct b.event_id) into moved from back b;
    with pairs as (
        select (jsonb_populate_record(null::event_companies, p -> 'loser')).* from jsonb_array_elements(covered) p
    ), own as (
        insert into event_companies (event_id, company_id, relationship_type, extraction_confidence, evidence, method,
                                     known_as)
        select p.event_id, m.loser, p.relationship_type, p.extraction_confidence, p.evidence, p.method, p.known_as
        from pairs p join event_companies k on k.event_id = p.event_id and k.company_id = m.survivor
                                               and k.relationship_type = p.relationship_type
        on conflict do nothing returning event_id)
    select coalesce(moved, '{}') || coalesce(array_agg(o.event_id), '{}') into moved from own o;
    update event_companies k
    set extraction_confidence = s.extraction_confidence, evidence = s.evidence, method = s.method
    from (select (jsonb_populate_record(null::event_companies, p -> 'survivor')).*,
                 (jsonb_populate_record(null::event_companies, p -> 'loser')).extraction_confidence as given,
                 (jsonb_populate_record(null::event_companies, p -> 'loser')).evidence as given_evidence
          from jsonb_array_elements(covered) p) s
    where k.event_id = s.event_id and k.relationship_type = s.relationship_type and k.company_id = m.survivor
      and k.extraction_confidence = s.given and k.evidence is not distinct from s.given_evidence
      and s.given > s.extraction_confidence;

    delete from company_aliases a
    where a.company_id = m.survivor and m.undo -> 'aliases_added' @> to_jsonb(a.name);
    insert into company_aliases
    select a.* from jsonb_populate_recordset(
        null::company_aliases, coalesce(nullif(m.undo -> 'aliases', 'null'), '[]')) a on conflict do nothing;

    update companies c
    set domain = case when c.domain is not distinct from then_.domain then was.domain else c.domain end,
        industry = case when c.industry is not distinct from then_.industry then was.industry else c.industry end,
        updated_at = now()
    where c.id = m.survivor;
    perform restore_duplicates(m.undo -> 'pairs');
    shown := moved || case when was.domain is distinct from then_.domain
                           then array(select l.event_id from event_companies l where l.company_id = m.survivor)
                           else '{}' end;
    perform project_entities(
        'company', shown, moved,
        case when (m.undo -> 'had_vertices' ->> 'loser')::boolean then array[m.loser] else '{}' end,
        case when not (m.undo -> 'had_vertices' ->> 'survivor')::boolean
                  and not exists (select from event_companies l where l.company_id = m.survivor)
             then array[m.survivor] else '{}' end);
end
$$;

-- Takes two events apart again. Its people and companies may have been merged, or taken apart, in the meantime: the links
-- lead to whom they belong today.
create function unmerge_events(m merges) returns void
    language plpgsql as $$
declare
    was events := jsonb_populate_record(null::events, m.undo -> 'was');
begin
    perform from events e where e.id in (m.loser, m.survivor) order by e.id for update;
    update events e
    set merged_into = null, raw_html = was.raw_html, extracted_data = was.extracted_data, embedding = was.embedding,
        embedding_model = was.embedding_model, luma_id = was.luma_id,
        -- What was under way then is over.
        processing_status = case when was.processing_status in ('processed', 'failed') then was.processing_status
                                 when e.processed_at is not null then 'processed' else 'failed' end,
        processing_error = case when was.processing_status in ('processed', 'failed') then was.processing_error
                                when e.processed_at is null then 'conflict' end,
        processing_error_detail = was.processing_error_detail
    where e.id = m.loser;
    update events e set merged_into = m.loser
    where m.undo -> 'followers' @> to_jsonb(e.id::text) and e.merged_into = m.survivor;
    update event_sources s set event_id = m.loser
    where s.event_id = m.survivor and m.undo -> 'sources' @> to_jsonb(s.url);
    insert into event_speakers (event_id, speaker_id, role, extraction_confidence, evidence, method, known_as)
    select distinct on (coalesce(o.merged_into, o.id), l.role) l.event_id, coalesce(o.merged_into, o.id), l.role,
           l.extraction_confidence, l.evidence, l.method, case when o.merged_into is not null then o.id end
    from jsonb_populate_recordset(null::event_speakers, coalesce(nullif(m.undo -> 'speakers', 'null'), '[]')) l
    join speakers o on o.id = coalesce(l.known_as, l.speaker_id)
    order by 2, 3, l.extraction_confidence desc, o.id on conflict do nothing;
    insert into event_companies (event_id, company_id, relationship_type, extraction_confidence, evidence, method, known_as)
    select distinct on (coalesce(o.merged_into, o.id), l.relationship_type) l.event_id, coalesce(o.merged_into, o.id),
           l.relationship_type, l.extraction_confidence, l.evidence, l.method,
           case when o.merged_into is not null then o.id end
    from jsonb_populate_recordset(null::event_companies, coalesce(nullif(m.undo -> 'companies', 'null'), '[]')) l
    join companies o on o.id = coalesce(l.known_as, l.company_id)
    order by 2, 3, l.extraction_confidence desc, o.id on conflict do nothing;
    insert into event_topics
    select l.* from jsonb_populate_recordset(
        null::event_topics, coalesce(nullif(m.undo -> 'topics', 'null'), '[]')) l
    where exists (select from topics t where t.id = l.topic_id) on conflict do nothing;
    perform restore_duplicates(m.undo -> 'pairs');
    perform render_changed(array[m.loser, m.survivor]);
    perform project_events(array[m.loser]);
end
$$;

-- Undoes a merge. No row: there is no such merge. With conflicts nothing was done. The pair is distinct from then on:
-- otherwise the next run would merge it again.
create function undo_merge(merge uuid, actor text)
    returns table (id uuid, kind text, survivor uuid, loser uuid, undone_at timestamptz, conflicts json)
    language plpgsql as $$
#variable_conflict use_variable
declare
    m merges;
    found json;
begin
    perform hold_entities();
    select * into m from merges x where x.id = merge for update;
    if m.id is null then
        return;
    end if;
    found := undo_conflicts(merge);
    if json_array_length(found) > 0 then
        return query select m.id, m.kind, m.survivor, m.loser, m.undone_at, found;
        return;
    end if;
    case m.kind
        when 'speaker' then perform unmerge_speakers(m);
        when 'company' then perform unmerge_companies(m);
        else perform unmerge_events(m);
    end case;
    update merges x set undone_at = now(), undone_by = actor where x.id = merge;
    perform decide_pair(m.kind, m.loser, m.survivor, 'distinct', actor, 'merge undone', m.probability, m.reason);
    perform record_changes(m.kind || '.unmerged', array[m.loser],
                           json_build_object('survivor', m.survivor, 'merge_id', m.id));
    return query select m.id, m.kind, m.survivor, m.loser, now(), '[]'::json;
end
$$;
