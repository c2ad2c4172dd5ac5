-- The graph event_network: a projection of the link tables, written in the same transaction as they are.
-- (:Speaker)-[:APPEARS {role}]->(:Event), (:Company)-[:RELATES {relationship_type}]->(:Event),
-- (:Event)-[:ABOUT {relevance}]->(:Topic). A vertex carries the id of its row and its name.
--
-- Plain inserts into AGE's label tables instead of Cypher MERGE, which is slow and makes twins when two sessions
-- merge at once; the unique indexes make twins impossible.

-- The graph's operators live in AGE's schema; the bodies below bind to them when they are created.
set local search_path = public, ag_catalog;

do $$
declare
    label text;
begin
    if not exists (select 1 from ag_catalog.ag_graph where name = 'event_network') then
        perform ag_catalog.create_graph('event_network');
    end if;
    foreach label in array array['Event', 'Speaker', 'Company', 'Topic'] loop
        perform ag_catalog.create_vlabel('event_network', label);
        execute format('create unique index %I on event_network.%I (id)', label || '_graphid_idx', label);
        execute format('create unique index %I on event_network.%I '
                       '(ag_catalog.agtype_access_operator(properties, ''"id"''::ag_catalog.agtype))',
                       label || '_id_idx', label);
    end loop;
    foreach label in array array['APPEARS', 'RELATES', 'ABOUT'] loop
        perform ag_catalog.create_elabel('event_network', label);
        execute format('create index %I on event_network.%I (start_id)', label || '_start_idx', label);
        execute format('create index %I on event_network.%I (end_id)', label || '_end_idx', label);
    end loop;
end
$$;

-- The form in which vertices keep the ids of their rows.
create function graph_key(id uuid) returns ag_catalog.agtype
    language sql immutable strict parallel safe
    return ('"' || id::text || '"')::ag_catalog.agtype;

-- The same expression as in the indexes above (it is inlined), so that looking up by it uses them.
create function vertex_key(properties ag_catalog.agtype) returns ag_catalog.agtype
    language sql immutable parallel safe
    return ag_catalog.agtype_access_operator(properties, '"id"'::ag_catalog.agtype);

create function graph_properties(properties jsonb) returns ag_catalog.agtype
    language sql immutable strict parallel safe
    return properties::text::ag_catalog.agtype;

-- Brings the graph in step with the tables for these events: their vertices, those of everything linked to them,
-- and all their edges. An event that is merged into another or gone loses its vertex.
create function project_events(ids uuid[]) returns void
    language sql
begin atomic
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
end;

-- Makes the whole graph anew from the tables.
create function rebuild_graph() returns void
    language plpgsql as $$
begin
    delete from event_network."APPEARS";
    delete from event_network."RELATES";
    delete from event_network."ABOUT";
    delete from event_network."Event";
    delete from event_network."Speaker";
    delete from event_network."Company";
    delete from event_network."Topic";
    perform project_events(array(select id from events order by id));
end
$$;
