// GET /internal/jobs, POST /internal/jobs/retry: for the dashboard.
#include "lib/catalog/jobs.h"
#include "lib/catalog/parameters.h"
#include "processor/queries/queries.h"
#include "statements.gen.h"

const struct route internal_jobs_routes[] = {
    {HTTP_METHOD_GET, "/internal/jobs", ROUTE_INTERNAL, "operations", "Jobs, the newest first.",
     .params = {JOB_FILTERS, PAGING}, .shape = ROUTE_LIST, .statement = &sql_jobs_list_jobs,
     .response = "JobList"},
    {HTTP_METHOD_POST, "/internal/jobs/retry", ROUTE_INTERNAL, "operations",
     "Try failed jobs again: some, or all of a kind or with a reason.",
     .params = {JOB_RETRY_PARAMS}, .shape = ROUTE_ITEM, .statement = &sql_jobs_retry_jobs,
     .response = "Retried",
     .body_example = "{\"kind\":\"scrape\",\"error_code\":\"fetch_timeout\"}"},
};
const size_t internal_jobs_route_count = ARRAY_LEN(internal_jobs_routes);
