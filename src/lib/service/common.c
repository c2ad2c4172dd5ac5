#include "lib/service/common.h"

#include "lib/base/clock.h"
#include "lib/log/log.h"
#include "lib/metric/metric.h"

#include <stdio.h>

enum { MAX_TEXT_BYTES = 16 * 1024 * 1024, OBSERVED_SLOTS = 512 };

static struct metric request_seconds = METRIC_HISTOGRAM(
    "http_server_request_duration_seconds", "Time from the first byte of a request to its answer.",
    metric_seconds, "http_request_method", "http_route", "http_response_status_code");

static struct metric requests_now =
    METRIC_GAUGE("http_server_active_requests",
                 "Requests that are being answered at this moment, open streams included.");

// ------------------------------------------------------------------------------------------------- routes

static void answer_health(struct route_call *call, int status, const char *text)
{
    char body[128];
    snprintf(body, sizeof body, "{\"status\":\"%s\"}", text);
    const struct http_response response = {.status = status,
                                           .content_type = "application/health+json",
                                           .body = slice_from_cstr(body),
                                           .no_store = true,
                                           .no_etag = true};
    http_respond(call->exchange, &response);
}

static void get_live(struct route_call *call)
{
    answer_health(call, 200, "pass");
}

static void get_ready(struct route_call *call)
{
    bool ready = !call->db || db_pipeline_is_ready(call->db);
    answer_health(call, ready ? 200 : 503, ready ? "pass" : "fail");
}

static void get_metrics(struct route_call *call)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_TEXT_BYTES);
    metric_render(&text);
    route_answer_json(call, 200, buffer_slice(&text));
}

static void get_openapi(struct route_call *call)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_TEXT_BYTES);
    router_openapi(call->router, &text);
    route_answer_json(call, 200, buffer_slice(&text));
}

const struct route service_common_routes[] = {
    {HTTP_METHOD_GET, "/health/live", ROUTE_OPEN, "operations", "Whether the process answers.",
     .handler = get_live, .response = "Health", .content_type = "application/health+json"},
    {HTTP_METHOD_GET, "/health/ready", ROUTE_OPEN, "operations",
     "Whether it can do its work: 503 while it cannot.", .handler = get_ready, .response = "Health",
     .content_type = "application/health+json"},
    {HTTP_METHOD_GET, "/metrics", ROUTE_OPEN, "operations",
     "Counters and times in Prometheus' text format.", .handler = get_metrics,
     .content_type = METRIC_CONTENT_TYPE},
    {HTTP_METHOD_GET, "/openapi.json", ROUTE_OPEN, "operations",
     "This interface, as an OpenAPI 3.1 document.", .handler = get_openapi},
};
const size_t service_common_route_count = ARRAY_LEN(service_common_routes);

// ----------------------------------------------------------------------------------------------- observing

// Finding a series takes a lock, so each loop remembers those it has seen: by route, method and status.
static struct metric_series *observed_series(const struct http_exchange *exchange, int status)
{
    static thread_local struct slot {
        const char *route;
        enum http_method method;
        int status;
        struct metric_series *series;
    } slots[OBSERVED_SLOTS];
    const char *route = exchange->route ? exchange->route : "";
    struct slot *slot =
        &slots[((uintptr_t)route / 8 + exchange->method * 31u + (unsigned)status * 7u) %
               OBSERVED_SLOTS];
    if (!slot->series || slot->route != route || slot->method != exchange->method ||
        slot->status != status) {
        char code[16];
        snprintf(code, sizeof code, "%d", status);
        *slot = (struct slot){
            route, exchange->method, status,
            metric_series(&request_seconds, http_method_name(exchange->method), route, code)};
    }
    return slot->series;
}

void service_note_begun(void *context)
{
    (void)context;
    metric_change(metric_series(&requests_now), 1);
}

void service_observe(void *context, const struct http_exchange *exchange, int status,
                     size_t body_bytes)
{
    (void)context;
    uint64_t ns = clock_monotonic_ns() - exchange->started_ns;
    metric_change(metric_series(&requests_now), -1);
    // How long somebody listened says nothing about how fast we are.
    if (!exchange->is_stream)
        metric_observe(observed_series(exchange, status), (double)ns / 1e9);
    log_info("request", log_str("method", http_method_name(exchange->method)),
             log_slice("target", exchange->target), log_int("status", status),
             log_double("ms", (double)ns / 1e6), log_int("bytes", (int64_t)body_bytes),
             log_slice("peer", exchange->peer), log_slice("request_id", exchange->request_id),
             exchange->traceparent.len
                 ? log_slice("trace_id", slice_sub(exchange->traceparent, 3, 32))
                 : (struct log_field){0});
}
