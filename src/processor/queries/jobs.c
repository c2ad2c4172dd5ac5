// GET /internal/jobs, POST /internal/jobs/retry: for the dashboard. All jobs, those of no event too.
#include "lib/catalog/jobs.h"
#include "lib/catalog/parameters.h"
#include "processor/queries/queries.h"
#include "statements.gen.h"

static void get_jobs(struct route_call *call)
{
    route_run_list(call, &sql_jobs_list_jobs, route_bind(call, &sql_jobs_list_jobs));
}

static void post_retry(struct route_call *call)
{
    route_query(call, &sql_jobs_retry_jobs, route_bind(call, &sql_jobs_retry_jobs),
                route_answer_item, call);
}

const struct route internal_jobs_routes[] = {
    {HTTP_METHOD_GET, "/internal/jobs", ROUTE_INTERNAL, "operations", "Jobs, the newest first.",
     .params = {JOB_FILTERS, PAGING}, .handler = get_jobs, .response = "JobList"},
    {HTTP_METHOD_POST, "/internal/jobs/retry", ROUTE_INTERNAL, "operations",
     "Try failed jobs again: some, or all of a kind or with a reason.",
     .params = {JOB_RETRY_PARAMS}, .handler = post_retry, .response = "Retried",
     .body_example = "{\"kind\":\"scrape\",\"error_code\":\"fetch_timeout\"}"},
};
const size_t internal_jobs_route_count = ARRAY_LEN(internal_jobs_routes);
