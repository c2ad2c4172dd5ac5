// GET /api/jobs, GET /api/jobs/:id, POST …/retry and …/cancel.
#include "lib/catalog/jobs.h"
#include "api/routes/routes.h"
#include "api/state.h"
#include "lib/catalog/parameters.h"
#include "statements.gen.h"

// Jobs are for those who asked for them, and for admins.
static void bind_owner(struct route_call *call, const struct db_statement *statement,
                       struct db_value *values)
{
    if (call->account.role != ACCOUNT_ADMIN)
        values[db_param_index(statement, "owner")] = db_cstr(call->account.user_id);
}

static void on_changed(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error)
        route_answer_error(call, error);
    else if (db_rows_count(rows) == 0)
        http_respond_problem(call->exchange, ERR_NOT_FOUND, "no job has this id", NULL, 0);
    else
        route_query(call, &sql_jobs_get_job, route_bind(call, &sql_jobs_get_job), route_answer_item,
                    call);
}

static void post_cancel(struct route_call *call)
{
    route_query(call, &sql_jobs_cancel_job, route_bind(call, &sql_jobs_cancel_job), on_changed,
                call);
}

// One that cannot be tried again (it waits, runs, is done, or its work waits in another) stays as it is: a conflict.
static void on_kept(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error || db_rows_count(rows) == 0)
        on_changed(call, rows, error);
    else
        http_respond_problem(call->exchange, ERR_CONFLICT,
                             "this job has neither failed nor been cancelled, or its work waits "
                             "in another one",
                             NULL, 0);
}

static void on_retried(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (!error && db_rows_int(rows, 0, db_rows_column(rows, "retried")) == 0)
        route_query(call, &sql_jobs_get_job, route_bind(call, &sql_jobs_get_job), on_kept, call);
    else
        on_changed(call, rows, error);
}

static void retry(void *data)
{
    struct route_call *call = data;
    struct db_value *values = route_bind(call, &sql_jobs_retry_jobs);
    values[db_param_index(&sql_jobs_retry_jobs, "ids")] =
        db_text_array(call->arena, &route_value_get(call, "id")->text, 1);
    route_query(call, &sql_jobs_retry_jobs, values, on_retried, call);
}

// Another series of attempts is another page of the quota.
static void post_retry(struct route_call *call)
{
    route_spend_scrapes(call, 1, retry, call);
}

static void get_job_events(struct route_call *call)
{
    feed_watch(api_feed(call), call);
}

static const struct route_param id_param[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a job."},
};

const struct route jobs_routes[] = {
    {HTTP_METHOD_GET, "/api/jobs", ROUTE_WRITE, "work",
     "Jobs that you asked for, the newest first; for admins all.", .params = {JOB_FILTERS, PAGING},
     .shape = ROUTE_LIST, .statement = &sql_jobs_list_jobs, .complete = bind_owner,
     .response = "JobList"},
    {HTTP_METHOD_GET, "/api/jobs/:id", ROUTE_WRITE, "work",
     "One job: how far it is, what came of it.", .params = {ROUTE_PARAMS(id_param)},
     .shape = ROUTE_ITEM, .statement = &sql_jobs_get_job, .complete = bind_owner,
     .response = "Job"},
    {HTTP_METHOD_GET, "/api/jobs/:id/events", ROUTE_WRITE, "work",
     "How far a job is, as server-sent events: its state at once and whenever it has changed "
     "(progress), at last when it has ended (completed).",
     .params = {ROUTE_PARAMS(id_param)}, .statement = &sql_jobs_get_job, .complete = bind_owner,
     .handler = get_job_events, .content_type = "text/event-stream"},
    {HTTP_METHOD_POST, "/api/jobs/:id/retry", ROUTE_WRITE, "work",
     "Try a job again that failed or was cancelled.", .params = {ROUTE_PARAMS(id_param)},
     .complete = bind_owner, .handler = post_retry, .response = "Job"},
    {HTTP_METHOD_POST, "/api/jobs/:id/cancel", ROUTE_WRITE, "work",
     "End a job: at once while it waits, soon when it runs.", .params = {ROUTE_PARAMS(id_param)},
     .complete = bind_owner, .handler = post_cancel, .response = "Job"},
};
const size_t jobs_route_count = ARRAY_LEN(jobs_routes);
