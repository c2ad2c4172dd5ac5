// GET /internal/graph/…: how events, people and companies hang together. Each named query is a row of its own: a statement
// where indexed tables answer it, a handler where it takes the whole graph (graph_measures.c).
#include "processor/queries/graph.h"

#include "lib/catalog/parameters.h"
#include "lib/text/nearest.h"
#include "processor/queries/queries.h"
#include "processor/state.h"
#include "statements.gen.h"

#include <string.h>

#define NAMED "/internal/graph/"

// ---------------------------------------------------------------------------------------------- handlers

static struct graph_state *state_of(const struct route_call *call)
{
    return processor_graph(call->service);
}

static void get_central(struct route_call *call)
{
    graph_state_answer(state_of(call), call, graph_answer_central);
}

static void get_communities(struct route_call *call)
{
    graph_state_answer(state_of(call), call, graph_answer_communities);
}

static void get_bridges(struct route_call *call)
{
    graph_state_answer(state_of(call), call, graph_answer_bridges);
}

static const char *const connectors[] = {"speaker", "company", "topic", NULL};

// From here on the snapshot is asked for those who the ids mean by now.
static void on_survivors(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error) {
        route_answer_error(call, error);
        return;
    }
    static const char *const ends[] = {"from", "to"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t at = (size_t)(route_value_get(call, ends[i]) - call->values);
        call->values[at].text = arena_slice(
            call->arena, db_rows_value_text(rows, 0, db_rows_column(rows, ends[i]), call->arena));
    }
    graph_state_answer(state_of(call), call, graph_answer_path);
}

static void get_path(struct route_call *call)
{
    const struct route_value *via = route_value_get(call, "via");
    for (size_t i = 0; i < via->count; i++) {
        bool known = false;
        for (size_t k = 0; connectors[k]; k++)
            known |= slice_equal(via->items[i], slice_from_cstr(connectors[k]));
        if (!known) {
            const char *nearest =
                text_nearest(via->items[i], connectors, ARRAY_LEN(connectors) - 1);
            route_answer_invalid(
                call, ERR_INVALID_PARAMETER, "via",
                arena_printf(call->arena, "expected a list of speaker, company, topic%s%s",
                             nearest ? "; the nearest is " : "", nearest ? nearest : ""));
            return;
        }
    }
    route_query(call, &sql_graph_find_survivors, route_bind(call, &sql_graph_find_survivors),
                on_survivors, call);
}

static void post_cypher(struct route_call *call)
{
    graph_state_run_cypher(state_of(call), call);
}

// ------------------------------------------------------------------------------------- the named queries

// Those rows of the table that stand directly under /internal/graph/, without a parameter in the path.
static const char *name_of(const struct route *route)
{
    if (route->method != HTTP_METHOD_GET || strncmp(route->path, NAMED, strlen(NAMED)) != 0)
        return NULL;
    const char *name = route->path + strlen(NAMED);
    return strchr(name, '/') || *name == ':' ? NULL : name;
}

static void get_queries(struct route_call *call)
{
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 64 * 1024);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "data");
    json_begin_array(&w);
    for (size_t i = 0; i < graph_route_count; i++) {
        const struct route *route = &graph_routes[i];
        if (!name_of(route))
            continue;
        json_begin_object(&w);
        json_key(&w, "name");
        json_cstr(&w, name_of(route));
        json_key(&w, "path");
        json_cstr(&w, route->path);
        json_key(&w, "summary");
        json_cstr(&w, route->summary);
        json_key(&w, "parameters");
        json_begin_array(&w);
        for (size_t s = 0; s < ROUTE_MAX_PARAM_SETS; s++)
            for (size_t p = 0; p < route->params[s].count; p++)
                json_cstr(&w, route->params[s].items[p].name);
        json_end_array(&w);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    route_answer_json(call, 200, buffer_slice(&body));
}

// A name that is none of them.
static void get_unknown(struct route_call *call)
{
    const char *names[64], *list = "";
    size_t count = 0;
    for (size_t i = 0; i < graph_route_count && count < ARRAY_LEN(names); i++) {
        const char *name = name_of(&graph_routes[i]);
        if (!name)
            continue;
        list = arena_printf(call->arena, "%s%s%s", list, count ? ", " : "", name);
        names[count++] = name;
    }
    struct slice asked = route_value_get(call, "query")->text;
    const char *nearest = text_nearest(asked, names, count);
    const char *detail = arena_printf(
        call->arena, "there is no query '%.*s'; the known ones are %s", SLICE_FMT(asked), list);
    const struct http_problem_item item = {.parameter = "query",
                                           .code = error_info(ERR_NOT_FOUND)->code,
                                           .detail = detail,
                                           .nearest = nearest};
    http_respond_problem(call->exchange, ERR_NOT_FOUND, detail, &item, 1);
}

// -------------------------------------------------------------------------------------------- parameters

#define MIN_WEIGHT(what)                     \
    {                                        \
        "min_weight",                        \
        ROUTE_IN_QUERY,                      \
        ROUTE_INT,                           \
        .min = 1,                            \
        .max = 1000000,                      \
        .fallback = "1",                     \
        .doc = "At least so many " what ".", \
        .example = "1",                      \
    }
#define TOP(most, few)                     \
    {                                      \
        "limit",                           \
        ROUTE_IN_QUERY,                    \
        ROUTE_INT,                         \
        .min = 1,                          \
        .max = (most),                     \
        .fallback = few,                   \
        .doc = "At most so many of them.", \
        .example = few,                    \
    }

static const struct route_param event_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of an event."},
};

static const struct route_param network_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a speaker."},
    {"depth", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 3, .fallback = "1",
     .doc = "1: people of the same events; 2: those of their events; 3: once more.",
     .example = "2"},
    {"max_entities", ROUTE_IN_QUERY, ROUTE_INT, .min = 2, .max = 1000, .fallback = "200",
     .doc = "At most so many people, the one in the middle included; the nearest and most "
            "strongly tied are kept.",
     .example = "200"},
    {"max_edges", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 10000, .fallback = "2000",
     .doc = "At most so many edges, the strongest.", .example = "2000"},
};

static const char *const relationships[] = {"host", "sponsor", "venue", "partner", NULL};
static const struct route_param company_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a company."},
    {"relationship", ROUTE_IN_QUERY, ROUTE_ENUM, .values = relationships,
     .doc = "Only events where it is that.", .example = "host"},
    {"max_companies", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 200, .fallback = "50",
     .doc = "At most so many companies seen together with it.", .example = "50"},
};

static const struct route_param co_speakers_params[] = {
    {"speaker", ROUTE_IN_QUERY, ROUTE_UUID, .doc = "Only pairs with this speaker."},
    MIN_WEIGHT("events together"),
};

static const char *const company_ties[] = {"events", "speakers", NULL};
static const struct route_param company_network_params[] = {
    {"by", ROUTE_IN_QUERY, ROUTE_ENUM, .values = company_ties, .fallback = "events",
     .doc = "What links two companies: events of both, or people who appeared at events of the one "
            "and of the other.",
     .example = "speakers"},
    {"company", ROUTE_IN_QUERY, ROUTE_UUID, .doc = "Only pairs with this company."},
    MIN_WEIGHT("events or people"),
};

static const struct route_param topic_map_params[] = {
    {"topic", ROUTE_IN_QUERY, ROUTE_NAME, .doc = "Only pairs with the topic of this name.",
     .example = "AI"},
    MIN_WEIGHT("events together"),
};

static const char *const measures[] = {"pagerank", "degree", "strength", "betweenness", NULL};
static const struct route_param central_params[] = {
    {"by", ROUTE_IN_QUERY, ROUTE_ENUM, .values = measures, .fallback = "pagerank",
     .doc = "degree: people met; strength: events together with them; betweenness: shortest ways "
            "between others that lead through; pagerank: known by the well-known.",
     .example = "betweenness"},
    TOP(500, "20"),
};

static const struct route_param communities_params[] = {
    {"min_size", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 1000000, .fallback = "2",
     .doc = "Only communities of at least so many people.", .example = "3"},
    {"members", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 1000, .fallback = "50",
     .doc = "At most so many members of each.", .example = "50"},
    TOP(100, "20"),
};

static const struct route_param bridges_params[] = {TOP(100, "20")};

static const struct route_param path_params[] = {
    {"from", ROUTE_IN_QUERY, ROUTE_UUID, .required = true,
     .doc = "Id of a speaker, company, topic or event."},
    {"to", ROUTE_IN_QUERY, ROUTE_UUID, .required = true, .doc = "Id of another one."},
    {"max_degrees", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 20, .fallback = "6",
     .doc = "A degree is one event on the way from one entity to the next.", .example = "6"},
    {"via", ROUTE_IN_QUERY, ROUTE_TEXT_LIST, .max = 3, .fallback = "speaker,company",
     .doc = "What may connect two events. Topics connect nearly everything.",
     .example = "speaker,company,topic"},
};

// The parameters of all named queries: whoever mistypes a name shall not be told about them first.
#define ANY(name)                                   \
    {name, ROUTE_IN_QUERY, ROUTE_TEXT, .max = 4096, \
     .doc = "A parameter of the named query that has one so called."}
static const struct route_param unknown_params[] = {
    {"query", ROUTE_IN_PATH, ROUTE_TEXT, .required = true, .doc = "Name of a query.",
     .example = "co-speakers"},
    ANY("speaker"),
    ANY("company"),
    ANY("topic"),
    ANY("by"),
    ANY("min_weight"),
    ANY("min_size"),
    ANY("members"),
    ANY("from"),
    ANY("to"),
    ANY("max_degrees"),
    ANY("via"),
    ANY("limit"),
    ANY("cursor"),
};

enum { MAX_QUERY_CHARACTERS = 20000, MAX_COLUMNS = 64 };
static const struct route_param cypher_params[] = {
    {"query", ROUTE_IN_BODY, ROUTE_TEXT, .required = true, .max = MAX_QUERY_CHARACTERS,
     .doc = "A Cypher query that only reads. Vertices: Speaker, Company, Topic {id, name}, Event "
            "{id, name, date}; edges (:Speaker)-[:APPEARS {role}]->(:Event), (:Company)-[:RELATES "
            "{relationship_type}]->(:Event), (:Event)-[:ABOUT {relevance}]->(:Topic)."},
    {"params", ROUTE_IN_BODY, ROUTE_OBJECT, .doc = "Values of $name in the query."},
    {"columns", ROUTE_IN_BODY, ROUTE_TEXT_LIST, .max = MAX_COLUMNS,
     .doc = "Names of the columns that the query returns; left out: read from its RETURN."},
    {"limit", ROUTE_IN_BODY, ROUTE_INT, .min = 1, .max = 10000, .fallback = "1000",
     .doc = "At most so many rows; truncated says that there were more."},
};

// ------------------------------------------------------------------------------------------------ routes

const struct route graph_routes[] = {
    {HTTP_METHOD_GET, "/internal/graph", ROUTE_INTERNAL, "graph", "The named queries.",
     .handler = get_queries, .response = "GraphQueries"},
    {HTTP_METHOD_GET, NAMED "co-speakers", ROUTE_INTERNAL, "graph",
     "Pairs of people who appeared at the same events.",
     .params = {ROUTE_PARAMS(co_speakers_params), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_graph_co_speakers, .response = "GraphPairs"},
    {HTTP_METHOD_GET, NAMED "path", ROUTE_INTERNAL, "graph",
     "A shortest way from one entity to another, over events.",
     .params = {ROUTE_PARAMS(path_params)}, .handler = get_path, .response = "GraphPath"},
    {HTTP_METHOD_GET, NAMED "central-speakers", ROUTE_INTERNAL, "graph",
     "People in the order of a measure of centrality.", .params = {ROUTE_PARAMS(central_params)},
     .handler = get_central, .response = "GraphCentral"},
    {HTTP_METHOD_GET, NAMED "communities", ROUTE_INTERNAL, "graph",
     "Groups of people who meet each other more than others, with their topics.",
     .params = {ROUTE_PARAMS(communities_params)}, .handler = get_communities,
     .response = "GraphCommunities"},
    {HTTP_METHOD_GET, NAMED "company-network", ROUTE_INTERNAL, "graph",
     "Pairs of companies that share events or people.",
     .params = {ROUTE_PARAMS(company_network_params), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_graph_company_network, .response = "GraphPairs"},
    {HTTP_METHOD_GET, NAMED "topic-map", ROUTE_INTERNAL, "graph",
     "Pairs of topics of the same events, with how far that is from chance.",
     .params = {ROUTE_PARAMS(topic_map_params), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_graph_topic_map, .response = "GraphTopicMap"},
    {HTTP_METHOD_GET, NAMED "bridges", ROUTE_INTERNAL, "graph",
     "People without whom groups would not be connected.", .params = {ROUTE_PARAMS(bridges_params)},
     .handler = get_bridges, .response = "GraphBridges"},
    {HTTP_METHOD_GET, NAMED ":query", ROUTE_INTERNAL, "graph",
     "A named query; an unknown name is answered with the known ones.",
     .params = {ROUTE_PARAMS(unknown_params)}, .handler = get_unknown},
    {HTTP_METHOD_GET, NAMED "speakers/:id/network", ROUTE_INTERNAL, "graph",
     "The people around one, up to three steps away.", .params = {ROUTE_PARAMS(network_params)},
     .shape = ROUTE_ITEM, .statement = &sql_graph_speaker_network, .response = "GraphNetwork"},
    {HTTP_METHOD_GET, NAMED "companies/:id/events", ROUTE_INTERNAL, "graph",
     "The events of a company, by relationship and month, and who is seen together with it.",
     .params = {ROUTE_PARAMS(company_params), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_graph_company_events, .response = "GraphCompanyEvents"},
    {HTTP_METHOD_GET, NAMED "events/:id/connections", ROUTE_INTERNAL, "graph",
     "Events connected to one by people, companies and topics, with the reasons.",
     .params = {ROUTE_PARAMS(event_params), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_graph_event_connections, .response = "GraphConnections"},
    {HTTP_METHOD_POST, NAMED "cypher", ROUTE_INTERNAL, "graph",
     "A Cypher query of your own, for reading: five seconds, 10,000 rows.",
     .params = {ROUTE_PARAMS(cypher_params)}, .handler = post_cypher, .response = "CypherRows",
     .body_example = "{\"query\":\"MATCH (s:Speaker)-[a:APPEARS]->(e:Event) WHERE a.role = $role "
                     "WITH s.name AS speaker, count(e) AS events "
                     "RETURN speaker, events ORDER BY events DESC LIMIT 10\","
                     "\"params\":{\"role\":\"host\"}}"},
};
const size_t graph_route_count = ARRAY_LEN(graph_routes);
