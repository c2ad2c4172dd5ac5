// GET /api/events and what hangs below one event: rows of a table and their statements.
#include "api/routes/routes.h"
#include "lib/catalog/parameters.h"
#include "lib/embed/embed.h"
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

static const char *check_sort(const struct route_call *call, const char **ret_parameter)
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

static const char *const search_sorts[] = {"relevance",  "date",        "-date",
                                           "created_at", "-created_at", "quality",
                                           "-quality",   "distance",    NULL};
static const struct route_param search_params[] = {
    {"q", ROUTE_IN_QUERY, ROUTE_TEXT, .required = true, .max = 500,
     .doc = "Words to look for, as in a web search: \"exact words\", or, -without.",
     .example = "machine learning hackathon"},
    {"sort", ROUTE_IN_QUERY, ROUTE_ENUM, .values = search_sorts, .fallback = "relevance",
     .doc = "The best match first, or as on the list.", .example = "relevance"},
    {"explain", ROUTE_IN_QUERY, ROUTE_BOOL, .fallback = "false",
     .doc = "Each hit says what its score is made of.", .example = "true"},
};

// The words as a vector, by the model that events are embedded with.
static void embed_query(struct route_call *call, const struct db_statement *statement,
                        struct db_value *values)
{
    float *vector = ARENA_ARRAY(call->arena, EMBED_DIMENSIONS, float);
    const struct embed_part part = {route_value_get(call, "q")->text, 1.0f};
    bool has_words = embed_local(call->arena, &part, 1, vector);
    values[db_param_index(statement, "q_embedding")] =
        has_words ? db_text(embed_to_text(call->arena, vector)) : db_null();
    values[db_param_index(statement, "q_model")] = db_cstr(EMBED_LOCAL_MODEL);
}

const struct route events_routes[] = {
    {HTTP_METHOD_GET, "/api/events", ROUTE_READ, "events", "Events, filtered and page by page.",
     .params = {EVENT_FILTERS,
                {list_params, ARRAY_LEN(list_params), check_sort, false},
                EVENT_ITEM_SHOWN,
                PAGING},
     .shape = ROUTE_LIST, .statement = &sql_events_list_events, .count = &sql_stats_count_events,
     .response = "EventList"},
    {HTTP_METHOD_GET, "/api/events/search", ROUTE_READ, "events",
     "Events by their words, the best match first.",
     .params = {{search_params, ARRAY_LEN(search_params), check_sort, false},
                EVENT_FILTERS,
                EVENT_ITEM_SHOWN,
                PAGING},
     .shape = ROUTE_LIST, .statement = &sql_events_search_events, .complete = embed_query,
     .response = "EventList"},
    {HTTP_METHOD_GET, "/api/events/:id", ROUTE_READ, "events",
     "One event with its speakers, companies and topics.",
     .params = {ROUTE_PARAMS(id_param), EVENT_DOCUMENT_SHOWN}, .shape = ROUTE_ITEM,
     .statement = &sql_events_get_event, .response = "Event"},
    {HTTP_METHOD_GET, "/api/events/:id/similar", ROUTE_READ, "events",
     "Events like this one, the nearest first.",
     .params = {ROUTE_PARAMS(id_param), EVENT_FILTERS, EVENT_ITEM_SHOWN, PAGING},
     .shape = ROUTE_LIST, .statement = &sql_events_similar_events,
     .count = &sql_events_count_similar, .response = "EventList"},
};
const size_t events_route_count = ARRAY_LEN(events_routes);
