#include "lib/service/observe.h"

#include "lib/base/ensure.h"
#include "lib/db/observe.h"
#include "lib/log/log.h"
#include "lib/metric/metric.h"
#include "statements.gen.h"

#include <stdlib.h>
#include <string.h>

enum { STATEMENT_SLOTS = 512, GAUGES_MS = 1000, QUEUE_MS = 5000 };

static struct metric operation_seconds = METRIC_HISTOGRAM(
    "db_client_operation_duration_seconds",
    "Time from asking for a statement to its answer, with the wait for a connection.",
    metric_seconds, "db_operation_name", "error_type");
static struct metric connections =
    METRIC_GAUGE("db_client_connection_count",
                 "Connections of the event loops to the database: used ones have "
                 "statements under way, idle ones have none.",
                 "state");
static struct metric pending =
    METRIC_GAUGE("db_client_connection_pending_requests", "Statements that wait for a connection.");
static struct metric queue_depth =
    METRIC_GAUGE("jobs_queue_depth", "Jobs in the queue that have not ended.", "kind", "state");
static struct metric oldest_age = METRIC_GAUGE(
    "jobs_oldest_age_seconds", "How long the oldest job of a kind has been due.", "kind");

// ------------------------------------------------------------------------------------------------ statements

static uint64_t slow_ns = UINT64_MAX;

// Finding a series takes a lock, so each thread remembers those it has seen.
static struct metric_series *series_of(const struct db_observation *observation)
{
    static thread_local struct slot {
        const char *statement;
        enum err error;
        struct metric_series *series;
    } slots[STATEMENT_SLOTS];
    struct slot *slot =
        &slots[((uintptr_t)observation->statement / 8 + (unsigned)observation->error) %
               STATEMENT_SLOTS];
    if (!slot->series || slot->statement != observation->statement ||
        slot->error != observation->error) {
        const char *error = observation->error ? error_info(observation->error)->code : "";
        *slot = (struct slot){observation->statement, observation->error,
                              metric_series(&operation_seconds, observation->statement, error)};
    }
    return slot->series;
}

static void on_statement(const struct db_observation *observation)
{
    metric_observe(series_of(observation), (double)observation->duration_ns / 1e9);
    if (observation->duration_ns >= slow_ns)
        log_warn("slow_statement", log_str("statement", observation->statement),
                 log_double("ms", (double)observation->duration_ns / 1e6),
                 log_str("code", observation->error ? error_info(observation->error)->code : ""),
                 log_str("request_id", observation->request_id));
}

void service_observe_statements(const struct config *config)
{
    if (config->slow_statement_ms >= 0)
        slow_ns = (uint64_t)config->slow_statement_ms * 1000000;
    db_observe(on_statement);
}

// ---------------------------------------------------------------------------------------------------- gauges

struct service_gauges {
    struct db_pipeline *db;
    struct loop_timer *timer, *queue_timer;
    size_t used, idle, waiting; // as they were told last: several loops add to one gauge
};

static void tell(struct metric_series *series, size_t *told, size_t value)
{
    if (value != *told)
        metric_change(series, (double)value - (double)*told);
    *told = value;
}

static void tell_all(struct service_gauges *gauges, size_t used, size_t idle, size_t waiting)
{
    tell(metric_series(&connections, "used"), &gauges->used, used);
    tell(metric_series(&connections, "idle"), &gauges->idle, idle);
    tell(metric_series(&pending), &gauges->waiting, waiting);
}

static void look_at_connections(void *data)
{
    struct service_gauges *gauges = data;
    struct db_pipeline_counters now = db_pipeline_counters(gauges->db);
    tell_all(gauges, now.connections_used, now.connections_up - now.connections_used, now.waiting);
}

static void set_depth(const char *kind, const char *state, double jobs)
{
    metric_set(metric_series(&queue_depth, kind, state), jobs);
}

// Every kind and state has its number: a line that vanishes is no zero.
static void on_jobs(void *data, const struct db_rows *rows, const struct error *error)
{
    (void)data;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(64 * 1024);
    for (size_t i = 0; !error && i < db_rows_count(rows); i++) {
        const char *kind = arena_cstr(arena, db_rows_text(rows, i, db_rows_column(rows, "kind")));
        set_depth(kind, "available",
                  (double)db_rows_int(rows, i, db_rows_column(rows, "available")));
        set_depth(kind, "executing",
                  (double)db_rows_int(rows, i, db_rows_column(rows, "executing")));
        set_depth(kind, "retryable",
                  (double)db_rows_int(rows, i, db_rows_column(rows, "retryable")));
        metric_set(metric_series(&oldest_age, kind),
                   db_rows_double(rows, i, db_rows_column(rows, "oldest_age_seconds")));
    }
}

static void look_at_queue(void *data)
{
    struct service_gauges *gauges = data;
    if (db_pipeline_is_ready(gauges->db))
        db_pipeline_query(gauges->db, &sql_jobs_count_jobs, NULL, on_jobs, NULL);
}

struct service_gauges *service_gauges_start(struct loop *loop, struct db_pipeline *db,
                                            bool with_queue)
{
    struct service_gauges *gauges = calloc(1, sizeof *gauges);
    ensure(gauges != NULL);
    gauges->db = db;
    gauges->timer = loop_every(loop, GAUGES_MS, look_at_connections, gauges);
    if (with_queue)
        gauges->queue_timer = loop_every(loop, QUEUE_MS, look_at_queue, gauges);
    return gauges;
}

void service_gauges_stop(struct service_gauges *gauges)
{
    if (!gauges)
        return;
    tell_all(gauges, 0, 0, 0);
    loop_timer_stop(gauges->timer);
    loop_timer_stop(gauges->queue_timer);
    free(gauges);
}
