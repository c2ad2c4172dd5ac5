// GET /api/stats/…
#include "api/routes/routes.h"
#include "lib/catalog/parameters.h"
#include "statements.gen.h"

static const char *const groupings[] = {"day", "week", "month", "city", "topic", "company", NULL};
static const struct route_param count_params[] = {
    {"group_by", ROUTE_IN_QUERY, ROUTE_ENUM, .values = groupings,
     .doc = "Also count by this; the largest 1,000 groups.", .example = "city"},
};

const struct route stats_routes[] = {
    {HTTP_METHOD_GET, "/api/stats/events/count", ROUTE_READ, "statistics",
     "How many events there are.", .params = {ROUTE_PARAMS(count_params), EVENT_FILTERS},
     .shape = ROUTE_ITEM, .statement = &sql_stats_count_events, .response = "EventCount"},
};
const size_t stats_route_count = ARRAY_LEN(stats_routes);
