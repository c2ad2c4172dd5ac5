// GET /internal/quality/report, POST /internal/quality/recalculate: how good the data is, and judging it again.
#include "lib/catalog/parameters.h"
#include "processor/queries/queries.h"
#include "statements.gen.h"

enum { MAX_EVENT_IDS = 10000, MAX_ANSWER_BYTES = 4096 };

static void on_requested(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error) {
        route_answer_error(call, error);
        return;
    }
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    struct json_writer w = json_writer_on(&body);
    db_rows_render_row(rows, 0, &w);
    route_answer_json(call, 202, buffer_slice(&body));
}

static bool is_filtered(const struct route_call *call)
{
    for (size_t i = 0; i < EVENT_FILTER_COUNT; i++) {
        const struct route_value *value = route_value_get(call, event_filters[i].name);
        if (value->given && !value->is_fallback)
            return true;
    }
    return route_value_get(call, "event_ids")->given;
}

static void post_recalculate(struct route_call *call)
{
    const struct db_statement *statement = &sql_quality_request_recalculation;
    struct db_value *values = route_bind(call, statement);
    values[db_param_index(statement, "is_filtered")] = db_bool(is_filtered(call));
    values[db_param_index(statement, "request_id")] = db_text(call->exchange->request_id);
    values[db_param_index(statement, "user_id")] = route_asking_user(call);
    route_query(call, statement, values, on_requested, call);
}

static const struct route_param recalculate_params[] = {
    {"event_ids", ROUTE_IN_BODY, ROUTE_UUID_LIST, .max = MAX_EVENT_IDS,
     .doc = "Only these events, of those that pass the filter."},
    {"filter", ROUTE_IN_BODY, ROUTE_FILTER,
     .doc = "Only events that pass: an object of the list's parameters."},
};

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
    {HTTP_METHOD_POST, "/internal/quality/recalculate", ROUTE_INTERNAL, "quality",
     "Judge events again, all or those of a filter: a job.",
     .params = {ROUTE_PARAMS(recalculate_params), EVENT_FILTERS_IN_BODY},
     .handler = post_recalculate, .status = 202, .response = "RecalculationAccepted",
     .body_example = "{\"filter\":{\"location\":\"SF\"}}"},
};
const size_t quality_route_count = ARRAY_LEN(quality_routes);
