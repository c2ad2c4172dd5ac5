-- Where the graph and the tables differ; all zero when they agree. One row.
with vertices as (
    select 'Event' as label, vertex_key(properties) as key from event_network."Event"
    union all select 'Speaker', vertex_key(properties) from event_network."Speaker"
    union all select 'Company', vertex_key(properties) from event_network."Company"
    union all select 'Topic', vertex_key(properties) from event_network."Topic"
), linked as (
    select 'Event' as label, graph_key(id) as key from events where processed_at is not null and merged_into is null
    union select 'Speaker', graph_key(speaker_id) from event_speakers
    union select 'Company', graph_key(company_id) from event_companies
    union select 'Topic', graph_key(topic_id) from event_topics
), known as (
    select 'Event' as label, graph_key(id) as key from events where merged_into is null
    union all select 'Speaker', graph_key(id) from speakers where merged_into is null
    union all select 'Company', graph_key(id) from companies where merged_into is null
    union all select 'Topic', graph_key(id) from topics
), edges as (
    select 'APPEARS' as label, vertex_key(s.properties) as a, vertex_key(e.properties) as b,
           ag_catalog.agtype_access_operator(x.properties, '"role"'::ag_catalog.agtype)::text as kind
    from event_network."APPEARS" x
    join event_network."Speaker" s on s.id operator(ag_catalog.=) x.start_id
    join event_network."Event" e on e.id operator(ag_catalog.=) x.end_id
    union all
    select 'RELATES', vertex_key(c.properties), vertex_key(e.properties),
           ag_catalog.agtype_access_operator(x.properties, '"relationship_type"'::ag_catalog.agtype)::text
    from event_network."RELATES" x
    join event_network."Company" c on c.id operator(ag_catalog.=) x.start_id
    join event_network."Event" e on e.id operator(ag_catalog.=) x.end_id
    union all
    select 'ABOUT', vertex_key(e.properties), vertex_key(t.properties), null
    from event_network."ABOUT" x
    join event_network."Event" e on e.id operator(ag_catalog.=) x.start_id
    join event_network."Topic" t on t.id operator(ag_catalog.=) x.end_id
), links as (
    select 'APPEARS' as label, graph_key(speaker_id) as a, graph_key(event_id) as b, role as kind from event_speakers
    union all select 'RELATES', graph_key(company_id), graph_key(event_id), relationship_type from event_companies
    union all select 'ABOUT', graph_key(event_id), graph_key(topic_id), null from event_topics
)
select (select count(*) from (select label, key::text from linked except select label, key::text from vertices) d)
           as missing_vertices,
       (select count(*) from (select label, key::text from vertices except select label, key::text from known) d)
           as extra_vertices,
       (select count(*) from (select label, a::text, b::text, kind from links except all
                              select label, a::text, b::text, kind from edges) d) as missing_edges,
       (select count(*) from (select label, a::text, b::text, kind from edges except all
                              select label, a::text, b::text, kind from links) d) as extra_edges
