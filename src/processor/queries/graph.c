// GET /internal/graph/…: how events, people and companies hang together.
#include "processor/queries/queries.h"
#include "statements.gen.h"

static const struct route_param connections_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of an event."},
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 1000, .fallback = "50",
     .doc = "At most so many, the strongest first.", .example = "50"},
};

const struct route graph_routes[] = {
    {HTTP_METHOD_GET, "/internal/graph/events/:id/connections", ROUTE_INTERNAL, "graph",
     "Events connected to one by people, companies and topics, with the reasons.",
     .params = {ROUTE_PARAMS(connections_params)}, .shape = ROUTE_ROWS,
     .statement = &sql_graph_event_connections},
};
const size_t graph_route_count = ARRAY_LEN(graph_routes);
