// Metrics of this process, rendered as Prometheus text (exposition format 0.0.4).
//
// A metric is a static definition in the file that counts; a series is one of its label sets:
//
//   static struct metric requests = METRIC_COUNTER("http_requests_total", "Requests answered.", "method", "route");
//   struct metric_series *series = metric_series(&requests, "GET", "/api/events");   // once: takes a lock
//   metric_inc(series);                                                               // always: one atomic addition
//
// Series are kept for the life of the process, so callers keep the handle. A metric appears in the text once it has
// a series. Names and units follow Prometheus: seconds, bytes, counters end in _total.
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/compiler.h"

#include <stdatomic.h>
#include <stdint.h>

enum {
    METRIC_MAX_LABELS = 4,
    METRIC_MAX_SERIES =
        512, // a metric; what comes after them is counted together under the value "other"
    METRIC_MAX_LABEL_BYTES = 120 // of one value; longer ones are cut
};

enum metric_type { METRIC_TYPE_COUNTER, METRIC_TYPE_GAUGE, METRIC_TYPE_HISTOGRAM };

struct metric {
    const char *name, *help;
    enum metric_type type;
    const double *bounds; // histogram: upper bounds, ascending, without +Inf
    size_t bound_count;
    const char *labels[METRIC_MAX_LABELS]; // names; unused ones NULL

    // Of metric.c.
    struct metric_series *_Atomic series;
    size_t series_count;
    struct metric *next;
    bool listed;
};

#define METRIC_COUNTER(metric_name, text, ...)                                          \
    {                                                                                   \
        .name = (metric_name), .help = (text), .type = METRIC_TYPE_COUNTER, .labels = { \
            __VA_ARGS__                                                                 \
        }                                                                               \
    }
#define METRIC_GAUGE(metric_name, text, ...)                                          \
    {                                                                                 \
        .name = (metric_name), .help = (text), .type = METRIC_TYPE_GAUGE, .labels = { \
            __VA_ARGS__                                                               \
        }                                                                             \
    }
#define METRIC_HISTOGRAM(metric_name, text, upper_bounds, ...)                        \
    {                                                                                 \
        .name = (metric_name), .help = (text), .type = METRIC_TYPE_HISTOGRAM,         \
        .bounds = (upper_bounds), .bound_count = ARRAY_LEN(upper_bounds), .labels = { \
            __VA_ARGS__                                                               \
        }                                                                             \
    }

// Upper bounds for durations in seconds, those of OpenTelemetry's http.server.request.duration.
extern const double metric_seconds[14];

// The series with these label values, one for each label of the metric, made when it is new. Never NULL.
// metric_series(&metric) is the one series of a metric without labels.
#define metric_series(metric, ...) \
    metric_series_of((metric), (const char *const[METRIC_MAX_LABELS]){__VA_ARGS__})
struct metric_series *metric_series_of(struct metric *metric,
                                       const char *const values[static METRIC_MAX_LABELS]);

// Any thread, without locks. Each is for its own type of metric.
void metric_inc(struct metric_series *counter);
void metric_add(struct metric_series *counter, uint64_t amount);
void metric_set(struct metric_series *gauge, double value);
void metric_change(struct metric_series *gauge, double amount); // may be negative
void metric_observe(struct metric_series *histogram, double value);

// Makes a counter or gauge ask read(data) whenever it is rendered; NULL ends that and leaves the last value set.
// read is called with the registry locked, on the thread that renders: it must be quick and not call back in here.
void metric_read_from(struct metric_series *series, double (*read)(void *data), void *data);

// The value of a counter or gauge, or how many values a histogram has seen.
double metric_value(const struct metric_series *series);

// Appends the text of every metric, sorted by name. Content type: METRIC_CONTENT_TYPE.
#define METRIC_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
void metric_render(struct buffer *out);
// Appends the metrics of these names (NULL at the end) as a JSON array: {"name", "labels", "value"}, and of histograms
// {"name", "labels", "count", "sum", "buckets": [[upper bound, values up to it], …]} without the last one (+Inf).
void metric_render_json(struct buffer *out, const char *const *names);
