#include "lib/service/report.h"

#include "lib/base/clock.h"
#include "lib/base/digest.h"
#include "lib/base/ensure.h"
#include "lib/metric/metric.h"
#include "statements.gen.h"

#include <stdlib.h>

enum { INTERVAL_MS = 2000, MAX_REPORT_BYTES = 1024 * 1024 };

// What the dashboard shows; everything else is for /metrics.
static const char *const reported[] = {
    "http_server_request_duration_seconds",
    "job_duration_seconds",
    "pipeline_stage_duration_seconds",
    "pipeline_stage_failures_total",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "scrape_requests_total",
    NULL,
};

struct service_report {
    struct db_pipeline *db;
    const char *service;
    struct loop_timer *timer;
    uint64_t started_ms;
    char instance[UUID_TEXT];
};

// A report that does not arrive is the reader's business: it sees how old the last one is.
static void on_reported(void *data, const struct db_rows *rows, const struct error *error)
{
    (void)data, (void)rows, (void)error;
}

static void send_report(void *data)
{
    struct service_report *report = data;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    struct buffer metrics CLEANUP(buffer_done);
    buffer_init(&metrics, MAX_REPORT_BYTES);
    metric_render_json(&metrics, reported);
    const struct db_value values[] = {
        db_cstr(report->service),
        db_cstr(report->instance),
        db_int(arena, (int64_t)(clock_monotonic_ms() - report->started_ms)),
        db_cstr(EVENTD_VERSION),
        db_text(buffer_slice(&metrics)),
    };
    if (!metrics.overflow && db_pipeline_is_ready(report->db))
        db_pipeline_query(report->db, &sql_operations_report_service, values, on_reported, NULL);
}

struct service_report *service_report_start(struct loop *loop, struct db_pipeline *db,
                                            const char *service)
{
    struct service_report *report = calloc(1, sizeof *report);
    ensure(report != NULL);
    *report =
        (struct service_report){.db = db, .service = service, .started_ms = clock_monotonic_ms()};
    uuid_new_v4(report->instance);
    report->timer = loop_every(loop, INTERVAL_MS, send_report, report);
    return report;
}

void service_report_stop(struct service_report *report)
{
    if (!report)
        return;
    loop_timer_stop(report->timer);
    free(report);
}
