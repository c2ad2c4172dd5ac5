// GET /api/events and what hangs below one event: rows of a table and their statements.
#include "api/routes/routes.h"
#include "statements.gen.h"

const struct route_param event_filters[EVENT_FILTER_COUNT] = {
    {"location", ROUTE_IN_QUERY, ROUTE_TEXT,
     .doc = "City, region, country or venue, or a usual short name such as SF or NYC; case and "
            "accents do not matter.",
     .example = "SF"},
    {"topics", ROUTE_IN_QUERY, ROUTE_TEXT_LIST, .doc = "About any of these topics.",
     .example = "AI,Tech"},
    {"date_after", ROUTE_IN_QUERY, ROUTE_DATE,
     .doc = "On or after this day, in the event's own zone.", .example = "2025-01-01"},
    {"date_before", ROUTE_IN_QUERY, ROUTE_DATE,
     .doc = "On or before this day, in the event's own zone.", .example = "2027-12-31"},
};

const struct route_param paging_params[] = {
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 100, .fallback = "20",
     .doc = "Rows of one page.", .example = "20"},
    {"cursor", ROUTE_IN_QUERY, ROUTE_CURSOR,
     .doc = "next_cursor of the page before, with the same filters."},
};

static const char *const sorts[] = {"date", "-date", NULL};
static const struct route_param list_params[] = {
    {"sort", ROUTE_IN_QUERY, ROUTE_ENUM, .values = sorts, .fallback = "-date",
     .doc = "Oldest first, or newest first.", .example = "date"},
};

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
     .params = {EVENT_FILTERS, ROUTE_PARAMS(list_params), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_events_list_events, .count = &sql_stats_count_events,
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
