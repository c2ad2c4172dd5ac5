// GET /internal/overview, /internal/statements and /internal/stream: how everything is; GET /dashboard shows it.
#include "lib/web/web.h"
#include "processor/queries/queries.h"
#include "processor/state.h"
#include "statements.gen.h"

static void get_stream(struct route_call *call)
{
    live_stream(processor_live(call->service), call);
}

static void get_dashboard(struct route_call *call)
{
    web_answer_page(call, "dashboard");
}

static const struct route_param statement_params[] = {
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 100, .fallback = "20",
     .doc = "Statements to show.", .example = "10"},
};

const struct route operations_routes[] = {
    {HTTP_METHOD_GET, "/internal/overview", ROUTE_INTERNAL, "operations",
     "Services with their metrics, queue, failures, database.", .shape = ROUTE_ITEM,
     .statement = &sql_operations_overview, .response = "Overview"},
    {HTTP_METHOD_GET, "/internal/statements", ROUTE_INTERNAL, "operations",
     "The statements that took most of the database's time.",
     .params = {ROUTE_PARAMS(statement_params)}, .shape = ROUTE_ROWS,
     .statement = &sql_operations_list_statements, .response = "Statements"},
    {HTTP_METHOD_GET, "/internal/stream", ROUTE_INTERNAL, "operations",
     "Changes as they happen, as server-sent events, and once a second the overview (overview).",
     .params = {{feed_params, FEED_STREAM_PARAMS}}, .handler = get_stream,
     .content_type = "text/event-stream"},
    {HTTP_METHOD_GET, "/dashboard", ROUTE_OPEN, "pages", "The dashboard.", .handler = get_dashboard,
     .content_type = "text/html", .ignores_query = true},
};
const size_t operations_route_count = ARRAY_LEN(operations_routes);
