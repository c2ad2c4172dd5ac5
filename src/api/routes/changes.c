// GET /api/stream and /api/changes: what has changed, as it happens and page by page.
#include "api/routes/routes.h"
#include "api/state.h"

static void get_stream(struct route_call *call)
{
    feed_stream_changes(api_feed(call), call, 0);
}

static void get_changes(struct route_call *call)
{
    feed_list_changes(api_feed(call), call);
}

const struct route changes_routes[] = {
    {HTTP_METHOD_GET, "/api/stream", ROUTE_READ, "changes",
     "Changes as they happen, as server-sent events; goes on behind Last-Event-ID.",
     .params = {{feed_params, FEED_STREAM_PARAMS}}, .handler = get_stream,
     .content_type = "text/event-stream"},
    {HTTP_METHOD_GET, "/api/changes", ROUTE_READ, "changes",
     "Changes page by page, with what was deleted and merged; none is ever missed or repeated.",
     .params = {{feed_params, FEED_LIST_PARAMS}}, .handler = get_changes, .response = "ChangeList"},
};
const size_t changes_route_count = ARRAY_LEN(changes_routes);
