// GET /api/events and what hangs below one event: rows of a table and their statements.
#include "api/routes/routes.h"
#include "lib/catalog/parameters.h"
#include "statements.gen.h"

static const char *const sorts[] = {"date",    "-date",    "created_at", "-created_at",
                                    "quality", "-quality", "distance",   NULL};
static const struct route_param list_params[] = {
    {"sort", ROUTE_IN_QUERY, ROUTE_ENUM, .values = sorts, .fallback = "-date",
     .doc =
         "What comes first: the oldest date, the one first known, the lowest quality, the nearest "
         "(needs near); with a minus the other way round.",
     .example = "date"},
};

static const char *check_list(const struct route_call *call, const char **ret_parameter)
{
    *ret_parameter = "sort";
    return slice_equal(route_value_get(call, "sort")->text, SLICE("distance")) &&
                   !route_value_get(call, "near")->given
               ? "distance needs near, the point it is counted from"
               : NULL;
}

static const struct route_param id_param[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of an event."},
};

static const struct route_param search_params[] = {
    {"q", ROUTE_IN_QUERY, ROUTE_TEXT, .required = true, .max = 500,
     .doc = "Words to look for, as in a web search: \"exact words\", or, -without.",
     .example = "machine learning hackathon"},
};

const struct route events_routes[] = {
    {HTTP_METHOD_GET, "/api/events", ROUTE_READ, "events", "Events, filtered and page by page.",
     .params = {EVENT_FILTERS, {list_params, ARRAY_LEN(list_params), check_list}, PAGING},
     .shape = ROUTE_LIST, .statement = &sql_events_list_events, .count = &sql_stats_count_events,
     .response = "EventList"},
    {HTTP_METHOD_GET, "/api/events/search", ROUTE_READ, "events",
     "Events by their words, the best match first.",
     .params = {ROUTE_PARAMS(search_params), EVENT_FILTERS, PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_events_search_events, .response = "EventList"},
    {HTTP_METHOD_GET, "/api/events/:id", ROUTE_READ, "events",
     "One event with its speakers, companies and topics.", .params = {ROUTE_PARAMS(id_param)},
     .shape = ROUTE_ITEM, .statement = &sql_events_get_event, .response = "Event"},
    {HTTP_METHOD_GET, "/api/events/:id/similar", ROUTE_READ, "events",
     "Events like this one, the nearest first.",
     .params = {ROUTE_PARAMS(id_param), EVENT_FILTERS, PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_events_similar_events, .response = "EventList"},
};
const size_t events_route_count = ARRAY_LEN(events_routes);
