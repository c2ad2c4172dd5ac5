#include "lib/catalog/jobs.h"

static const char *const kinds[] = {"scrape", "process", "render", "deduplicate", "quality", NULL};
static const char *const states[] = {"available", "executing", "retryable", "completed",
                                     "discarded", "cancelled", NULL};

const struct route_param job_filters[JOB_FILTER_COUNT] = {
    {"kind", ROUTE_IN_QUERY, ROUTE_ENUM, .values = kinds, .doc = "Jobs of this kind.",
     .example = "scrape"},
    {"state", ROUTE_IN_QUERY, ROUTE_ENUM, .values = states,
     .doc = "Jobs in this state; discarded: failed for good.", .example = "discarded"},
    {"event_id", ROUTE_IN_QUERY, ROUTE_UUID, .doc = "Jobs of this event."},
    {"error_code", ROUTE_IN_QUERY, ROUTE_TEXT, .doc = "Jobs whose last attempt ended with this.",
     .example = "page_not_found"},
};

const struct route_param job_retry_params[JOB_RETRY_PARAM_COUNT] = {
    {"ids", ROUTE_IN_BODY, ROUTE_UUID_LIST, .max = 1000,
     .doc = "Jobs that failed or were cancelled. Without it: all that failed."},
    {"kind", ROUTE_IN_BODY, ROUTE_ENUM, .values = kinds, .doc = "Of those, jobs of this kind."},
    {"error_code", ROUTE_IN_BODY, ROUTE_TEXT, .doc = "Of those, jobs that failed with this."},
};
