-- Undoing restores exactly, found by random sequences of merges and undoings (tests/integration/merge_sequences_test.py):
-- pairs that were moved by several merges, and what waited for an event. docs/decisions/0031-undoing-out-of-order.md

set local search_path = public, ag_catalog;

-- ------------------------------------------------------------------------------------------ pairs of several merges

-- The other way round. A pair that somebody has decided since keeps that decision, but not the id of the one that comes back.
create or replace function restore_duplicates(changed jsonb) returns void
    language plpgsql as $$
declare
    step jsonb;
    was duplicates;
    made duplicates;
    present duplicates;
begin
    -- Backwards: a later step may have changed what an earlier one made.
    for step in select s from jsonb_array_elements(changed) with ordinality as x (s, n) order by n desc loop
        was := jsonb_populate_record(null::duplicates, step -> 'was');
        made := jsonb_populate_record(null::duplicates, step -> 'now');
        select * into present from duplicates d where d.id = made.id;
        if (present.a, present.b, present.status) = (made.a, made.b, made.status)
           and (present.decided_by, present.decided_at, present.note)
               is not distinct from (made.decided_by, made.decided_at, made.note) then
            delete from duplicates d where d.id = present.id;
            if step ->> 'other' is not null then
                insert into duplicates select (jsonb_populate_record(null::duplicates, step -> 'other')).*;
            end if;
        end if;
        update duplicates d set id = gen_random_uuid() where d.id = was.id;
        insert into duplicates select was.* on conflict do nothing;
    end loop;
end
$$;

-- Gives the pairs of a merge back. What later merges did to the same pairs is taken back before and done again after it:
-- those of the loser then follow its thirds to whom they were merged into.
create or replace function restore_pairs(m merges) returns void
    language plpgsql as $$
declare
    later uuid[];
    other merges;
    changed jsonb;
begin
    if coalesce(jsonb_array_length(nullif(m.undo -> 'pairs', 'null')), 0) = 0 then
        return;
    end if;
    -- Those, still in force, whose losers are in its pairs, or in those of another of them; and those whose survivors are, if
    -- they moved a pair themselves.
    with recursive met as (
        select m.id, m.undo -> 'pairs' as pairs
        union
        select l.id, l.undo -> 'pairs'
        from met t
        cross join lateral jsonb_array_elements(t.pairs) p
        cross join lateral (
            values (p -> 'was' ->> 'a'), (p -> 'was' ->> 'b'), (p -> 'now' ->> 'a'), (p -> 'now' ->> 'b')) e (id)
        cross join lateral (
            select l.* from merges l where l.kind = m.kind and l.loser = e.id::uuid
            union all
            select l.* from merges l
            where l.kind = m.kind and l.survivor = e.id::uuid and l.undone_at is null and l.undo -> 'pairs' <> '[]') l
        where l.seq > m.seq and l.undone_at is null
    )
    select array_agg(l.id order by l.seq) into later from met t join merges l on l.id = t.id where l.id <> m.id;
    for other in select x.* from merges x where x.id = any (later) order by x.seq desc loop
        perform restore_duplicates(other.undo -> 'pairs');
    end loop;
    perform restore_duplicates(m.undo -> 'pairs');
    for other in select x.* from merges x where x.id = any (later) order by x.seq loop
        changed := repoint_duplicates(other.kind, other.loser, other.survivor);
        update merges x set undo = x.undo || jsonb_build_object('pairs', changed) where x.id = other.id;
    end loop;
end
$$;

-- The same as before, but for how pairs come back.
create or replace function unmerge_speakers(m merges) returns void
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
    perform restore_pairs(m);
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

create or replace function unmerge_companies(m merges) returns void
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
    perform restore_pairs(m);
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

-- ------------------------------------------------------------------------------------------ what waited for an event

-- The same as before; batches that waited for the loser are noted.
create or replace function merge_event_into(loser uuid, survivor uuid, actor text default 'processing',
                                 reason json default '{"rule":"same_source"}', probability real default null)
    returns uuid language plpgsql as $$
#variable_conflict use_variable
declare
    gone events;
    kept events;
    merge uuid := gen_random_uuid();
    undo jsonb;
    moved jsonb;
    waiting jsonb;
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
    with handed as (
        update batch_items i set event_id = kept.id where i.event_id = gone.id and i.state = 'pending'
        returning i.batch_id, i.position)
    select jsonb_agg(to_jsonb(h)) into waiting from handed h;
    undo := undo || jsonb_build_object('batch_items', waiting);
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

-- The same as before; what still waits goes on: a job that nobody has taken yet, and the batches that wait for it. A batch
-- that was told the survivor's outcome keeps it.
create or replace function unmerge_events(m merges) returns void
    language plpgsql as $$
declare
    was events := jsonb_populate_record(null::events, m.undo -> 'was');
    goes_on boolean;
begin
    perform from events e where e.id in (m.loser, m.survivor) order by e.id for update;
    goes_on := was.processing_status in ('processed', 'failed')
               or exists (select from jobs j where j.event_id = m.loser and j.state in ('available', 'retryable'));
    update events e
    set merged_into = null, raw_html = was.raw_html, extracted_data = was.extracted_data, embedding = was.embedding,
        embedding_model = was.embedding_model, luma_id = was.luma_id,
        -- What was under way then is over, unless its job still waits.
        processing_status = case when goes_on then was.processing_status
                                 when e.processed_at is not null then 'processed' else 'failed' end,
        processing_error = case when goes_on then was.processing_error
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
    update batch_items i set event_id = m.loser
    from jsonb_to_recordset(coalesce(nullif(m.undo -> 'batch_items', 'null'), '[]')) as h (batch_id uuid, position integer)
    where i.batch_id = h.batch_id and i.position = h.position and i.event_id = m.survivor and i.state = 'pending';
    perform close_batch_items(m.loser, e.processing_error) from events e where e.id = m.loser;
    perform restore_pairs(m);
    perform render_changed(array[m.loser, m.survivor]);
    perform project_events(array[m.loser]);
end
$$;

-- ---------------------------------------------------------------------------------------------- plans that are kept

-- The same statements as before, as functions whose plans a session keeps: planning took most of the time of a merge. And
-- each event is written once, not three times.

-- Renders events: all of them as they are; with a moment those alone that read differently now, as of then. Returns whom.
create or replace function render_events_at(ids uuid[], moment timestamptz) returns uuid[]
    language plpgsql as $$
#variable_conflict use_variable
declare
    changed uuid[];
begin
    -- In the order of all locks of events; an update takes them in the order of its plan.
    perform from events e where e.id = any (ids) order by e.id for no key update;
    with written as (
        update events e
        set entity_text = r.entity_text, list_item = r.list_item, document = r.document,
            updated_at = coalesce(moment, e.updated_at)
        from (
            select e.id,
                   concat_ws(' ', s.names, c.names, t.names) as entity_text,
                   (select row_to_json(i) from (
                        select e.id, e.name, e.date, iso_time(e.starts_at) as starts_at, iso_time(e.ends_at) as ends_at,
                               e.timezone, e.location, e.city, e.country, e.is_online, e.status, e.luma_url, e.image_url,
                               coalesce(t.name_list, '[]'::json) as topics, e.data_quality_score, e.processing_status
                    ) i) as list_item,
                   (select row_to_json(d) from (
                        select e.id, e.name, e.description, e.date, iso_time(e.starts_at) as starts_at,
                               iso_time(e.ends_at) as ends_at, e.timezone, e.location, e.venue, e.address, e.city, e.region,
                               e.country, e.latitude, e.longitude, e.is_online, e.status, e.luma_url, e.image_url,
                               e.price_cents, e.price_currency, e.is_free, e.is_sold_out, e.language, e.guest_count,
                               e.data_quality_score, e.processing_status, e.processing_error, e.processing_error_detail,
                               coalesce(s.list, '[]'::json) as speakers, coalesce(c.list, '[]'::json) as companies,
                               coalesce(t.list, '[]'::json) as topics, e.extracted_data,
                               coalesce(u.list, '[]'::json) as sources, iso_time(e.scraped_at) as scraped_at,
                               iso_time(e.processed_at) as processed_at, iso_time(e.created_at) as created_at,
                               iso_time(coalesce(moment, e.updated_at)) as updated_at
                    ) d) as document
            from events e
            left join lateral (
                select string_agg(l.name, ' ') as names, array_to_json(array_agg(row_to_json(l))) as list
                from (select s.id, s.name, s.company, es.role, es.extraction_confidence
                      from event_speakers es join speakers s on s.id = es.speaker_id
                      where es.event_id = e.id order by es.role, s.name, s.id) l) s on true
            left join lateral (
                select string_agg(l.name, ' ') as names, array_to_json(array_agg(row_to_json(l))) as list
                from (select c.id, c.name, c.domain, ec.relationship_type
                      from event_companies ec join companies c on c.id = ec.company_id
                      where ec.event_id = e.id order by ec.relationship_type, c.name, c.id) l) c on true
            left join lateral (
                select string_agg(l.name, ' ') as names, array_to_json(array_agg(l.name)) as name_list,
                       array_to_json(array_agg(row_to_json(l))) as list
                from (select t.id, t.name, t.category, et.relevance_score
                      from event_topics et join topics t on t.id = et.topic_id
                      where et.event_id = e.id order by et.relevance_score desc, t.name) l) t on true
            left join lateral (
                select array_to_json(array_agg(l.url)) as list
                from (select u.url from event_sources u
                      where u.event_id = e.id order by u.first_seen_at, u.url) l) u on true
            where e.id = any (ids)
        ) r
        where e.id = r.id
          -- The moment is the document's last member.
          and (moment is null or regexp_replace(e.document::text, ',"updated_at":"[^"]*"}$', '')
                                 is distinct from regexp_replace(r.document::text, ',"updated_at":"[^"]*"}$', ''))
        returning e.id
    )
    select coalesce(array_agg(w.id order by w.id), '{}') into changed from written w;
    return changed;
end
$$;

create or replace function render_events(ids uuid[]) returns void
    language plpgsql as $$
begin
    perform render_events_at(ids, null);
end
$$;

create or replace function render_changed(ids uuid[]) returns void
    language plpgsql as $$
declare
    changed uuid[] := render_events_at(ids, now());
begin
    if cardinality(changed) > 0 then
        perform record_changes('event.updated', array(
            select e.id from events e
            where e.id = any (changed) and e.processed_at is not null and e.merged_into is null order by e.id));
    end if;
end
$$;

create or replace function project_events(ids uuid[]) returns void
    language plpgsql set search_path = public, ag_catalog as $$
#variable_conflict use_column
begin
    delete from event_network."APPEARS" a using event_network."Event" v
    where a.end_id = v.id and vertex_key(v.properties) in (select graph_key(i) from unnest(ids) i);
    delete from event_network."RELATES" r using event_network."Event" v
    where r.end_id = v.id and vertex_key(v.properties) in (select graph_key(i) from unnest(ids) i);
    delete from event_network."ABOUT" a using event_network."Event" v
    where a.start_id = v.id and vertex_key(v.properties) in (select graph_key(i) from unnest(ids) i);
    delete from event_network."Event" v
    where vertex_key(v.properties) in (
        select graph_key(i) from unnest(ids) i
        where not exists (select from events e where e.id = i and e.merged_into is null));

    insert into event_network."Event" (properties)
    select graph_properties(jsonb_build_object('id', e.id, 'name', e.name, 'date', e.date))
    from events e where e.id = any (ids) and e.merged_into is null order by e.id
    on conflict (ag_catalog.agtype_access_operator(properties, '"id"'::ag_catalog.agtype))
    do update set properties = excluded.properties;
    insert into event_network."Speaker" (properties)
    select graph_properties(jsonb_build_object('id', s.id, 'name', s.name))
    from speakers s where s.id in (select speaker_id from event_speakers where event_id = any (ids)) order by s.id
    on conflict do nothing;
    insert into event_network."Company" (properties)
    select graph_properties(jsonb_build_object('id', c.id, 'name', c.name))
    from companies c where c.id in (select company_id from event_companies where event_id = any (ids)) order by c.id
    on conflict do nothing;
    insert into event_network."Topic" (properties)
    select graph_properties(jsonb_build_object('id', t.id, 'name', t.name))
    from topics t where t.id in (select topic_id from event_topics where event_id = any (ids)) order by t.id
    on conflict do nothing;

    insert into event_network."APPEARS" (start_id, end_id, properties)
    select sv.id, ev.id, graph_properties(jsonb_build_object('role', l.role))
    from event_speakers l
    join event_network."Speaker" sv on vertex_key(sv.properties) = graph_key(l.speaker_id)
    join event_network."Event" ev on vertex_key(ev.properties) = graph_key(l.event_id)
    where l.event_id = any (ids);
    insert into event_network."RELATES" (start_id, end_id, properties)
    select cv.id, ev.id, graph_properties(jsonb_build_object('relationship_type', l.relationship_type))
    from event_companies l
    join event_network."Company" cv on vertex_key(cv.properties) = graph_key(l.company_id)
    join event_network."Event" ev on vertex_key(ev.properties) = graph_key(l.event_id)
    where l.event_id = any (ids);
    insert into event_network."ABOUT" (start_id, end_id, properties)
    select ev.id, tv.id, graph_properties(jsonb_build_object('relevance', l.relevance_score))
    from event_topics l
    join event_network."Topic" tv on vertex_key(tv.properties) = graph_key(l.topic_id)
    join event_network."Event" ev on vertex_key(ev.properties) = graph_key(l.event_id)
    where l.event_id = any (ids);
end
$$;

create or replace function undo_conflicts(merge uuid) returns json
    language plpgsql stable as $$
#variable_conflict use_variable
begin
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
                 and (l.loser = m.survivor
                      or (l.survivor = m.survivor and m.kind <> 'event' and l.actor <> 'processing')) -- spellings: see below
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
end
$$;

-- ------------------------------------------------------------------------------------------------- audit

-- Who does what follows in this transaction, for the audit: the user's name, 'operator' for who holds the internal token.
-- Work that comes of it is the user's.
create function acting_as(user_id uuid) returns text
    language plpgsql as $$
#variable_conflict use_variable
begin
    perform asked_by(user_id, '');
    return coalesce((select u.name from users u where u.id = user_id), 'operator');
end
$$;

-- Why a person decided so, with the merge itself: the pair's note is of the last decision alone.
alter table merges add note text;
alter table merges add undone_note text;

-- As before; the merge keeps the note.
create or replace function decide_duplicate(pair uuid, decision text, decided_note text, actor text)
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
        update merges m set note = decided_note where m.id = made and decided_note is not null;
    end if;
    perform decide_pair(d.kind, d.a, d.b, case decision when 'merge' then 'merged' when 'defer' then 'deferred'
                                               else decision end, actor, decided_note, d.score, d.evidence);
    return query select p.id, p.kind, p.status, made, null::text from duplicates p where p.id = pair;
end
$$;

-- Spellings that processing took for the survivor's since, from the first one on that did so, or gave what it gave, with
-- something that the survivor had of this merge: a field, or an address in common. The latest first.
create function leaning_spellings(m merges) returns setof merges
    language sql stable as $$
    with later as (
        select l.*, m.undo -> 'was' is distinct from m.undo -> 'now'
                    or not (m.undo -> 'had_vertices' ->> 'survivor')::boolean
                    or exists (select from jsonb_array_elements(coalesce(nullif(l.undo -> 'handles', 'null'), '[]')) h
                               where m.undo -> 'handles_added' @> jsonb_build_array(h - 'speaker_id')) as leans
        from merges l
        where m.kind <> 'event' and l.kind = m.kind and l.survivor = m.survivor and l.actor = 'processing'
          and l.undone_at is null and l.seq > m.seq)
    select l.* from merges l
    where l.id in (select x.id from later x where x.seq >= (select min(y.seq) from later y where y.leans))
    order by l.seq desc
$$;

create function take_apart(m merges, actor text, why text) returns void
    language plpgsql as $$
#variable_conflict use_variable
begin
    case m.kind
        when 'speaker' then perform unmerge_speakers(m);
        when 'company' then perform unmerge_companies(m);
        else perform unmerge_events(m);
    end case;
    update merges x set undone_at = now(), undone_by = actor, undone_note = why where x.id = m.id;
    perform record_changes(m.kind || '.unmerged', array[m.loser],
                           json_build_object('survivor', m.survivor, 'merge_id', m.id));
end
$$;

-- As before, and it is told why. Spellings that were taken for the survivor's because of this merge come apart with it: whose
-- they are is open again.
drop function undo_merge(uuid, text);
create function undo_merge(merge uuid, actor text, why text default null)
    returns table (id uuid, kind text, survivor uuid, loser uuid, undone_at timestamptz, conflicts json)
    language plpgsql as $$
#variable_conflict use_variable
declare
    m merges;
    spelling merges;
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
    for spelling in select * from leaning_spellings(m) loop
        perform take_apart(spelling, actor, 'with ' || m.id);
        update duplicates d set status = 'pending', decided_by = null, decided_at = null, note = null
        where d.kind = m.kind and d.a = least(spelling.loser, m.survivor) and d.b = greatest(spelling.loser, m.survivor);
    end loop;
    perform take_apart(m, actor, why);
    perform decide_pair(m.kind, m.loser, m.survivor, 'distinct', actor, coalesce(why, 'merge undone'), m.probability, m.reason);
    return query select m.id, m.kind, m.survivor, m.loser, now(), '[]'::json;
end
$$;
