// GET /internal/quality/report: how good the data is.
#include "lib/catalog/parameters.h"
#include "processor/queries/queries.h"
#include "statements.gen.h"

static const struct route_param report_params[] = {
    {"window_days", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 3650, .fallback = "7",
     .doc = "Drift compares what was processed in the last so many days with everything before.",
     .example = "7"},
    {"worst", ROUTE_IN_QUERY, ROUTE_INT, .min = 0, .max = 100, .fallback = "20",
     .doc = "So many of the worst events.", .example = "10"},
};

const struct route quality_routes[] = {
    {HTTP_METHOD_GET, "/internal/quality/report", ROUTE_INTERNAL, "quality",
     "Completeness, validity, freshness, duplicates and drift; the worst events, what to fix.",
     .params = {ROUTE_PARAMS(report_params), EVENT_FILTERS}, .shape = ROUTE_ITEM,
     .statement = &sql_quality_report, .response = "QualityReport"},
};
const size_t quality_route_count = ARRAY_LEN(quality_routes);
