#include "lib/metric/metric.h"

#include "lib/base/digest.h"
#include "lib/base/ensure.h"
#include "lib/json/json.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

const double metric_seconds[14] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                   0.5,   0.75, 1,     2.5,  5,     7.5, 10};

struct metric_series {
    struct metric_series *next; // in the order of creation; never changes once linked
    const struct metric *metric;
    uint64_t hash; // of the label values
    char *values[METRIC_MAX_LABELS];
    double (*read)(void *data);
    void *read_data;
    _Atomic uint64_t count;     // counter: its value
    _Atomic double number;      // gauge: its value; histogram: the sum
    _Atomic uint64_t buckets[]; // histogram: not cumulative, the last one is +Inf
};

// Guards the lists, never the values.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *metrics; // sorted by name

static size_t label_count(const struct metric *metric)
{
    size_t count = 0;
    while (count < METRIC_MAX_LABELS && metric->labels[count])
        count++;
    return count;
}

static struct slice label_value(const char *value)
{
    struct slice whole = slice_from_cstr(value ? value : "");
    size_t len = whole.len < METRIC_MAX_LABEL_BYTES ? whole.len : METRIC_MAX_LABEL_BYTES;
    while (len && len < whole.len && (whole.ptr[len] & 0xC0) == 0x80) // not inside a UTF-8 sequence
        len--;
    return slice_sub(whole, 0, len);
}

static uint64_t hash_values(const char *const *values, size_t count)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < count; i++)
        hash = hash * 31 + digest_fnv1a(label_value(values[i]));
    return hash;
}

static bool has_values(const struct metric_series *series, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!slice_equal(slice_from_cstr(series->values[i]), label_value(values[i])))
            return false;
    return true;
}

static struct metric_series *find(const struct metric *metric, const char *const *values,
                                  size_t count)
{
    uint64_t hash = hash_values(values, count);
    for (struct metric_series *s = atomic_load(&metric->series); s; s = s->next)
        if (s->hash == hash && has_values(s, values, count))
            return s;
    return NULL;
}

static void list_metric(struct metric *metric)
{
    struct metric **at = &metrics;
    while (*at && strcmp((*at)->name, metric->name) < 0)
        at = &(*at)->next;
    // Two definitions of one name would give a text that no reader accepts.
    ensure(!*at || strcmp((*at)->name, metric->name) != 0);
    metric->next = *at;
    *at = metric;
    metric->listed = true;
}

static struct metric_series *create(struct metric *metric, const char *const *values, size_t count)
{
    if (!metric->listed)
        list_metric(metric);
    size_t buckets = metric->type == METRIC_TYPE_HISTOGRAM ? metric->bound_count + 1 : 0;
    struct metric_series *series = calloc(1, sizeof *series + buckets * sizeof series->buckets[0]);
    ensure(series != NULL);
    series->metric = metric;
    series->hash = hash_values(values, count);
    for (size_t i = 0; i < count; i++) {
        struct slice value = label_value(values[i]);
        series->values[i] = strndup(value.ptr, value.len);
        ensure(series->values[i] != NULL);
    }
    // Put in front: a reader without the lock sees the old list or the new one, both whole.
    series->next = atomic_load(&metric->series);
    atomic_store(&metric->series, series);
    metric->series_count++;
    return series;
}

struct metric_series *metric_series_of(struct metric *metric,
                                       const char *const values[static METRIC_MAX_LABELS])
{
    static const char *const other[METRIC_MAX_LABELS] = {"other", "other", "other", "other"};
    size_t count = label_count(metric);
    struct metric_series *series = find(metric, values, count);
    if (series)
        return series;
    pthread_mutex_lock(&lock);
    if (metric->series_count >= METRIC_MAX_SERIES)
        values = other;
    series = find(metric, values, count);
    if (!series)
        series = create(metric, values, count);
    pthread_mutex_unlock(&lock);
    return series;
}

void metric_inc(struct metric_series *counter)
{
    metric_add(counter, 1);
}

void metric_add(struct metric_series *counter, uint64_t amount)
{
    ensure(counter->metric->type == METRIC_TYPE_COUNTER);
    atomic_fetch_add_explicit(&counter->count, amount, memory_order_relaxed);
}

void metric_set(struct metric_series *gauge, double value)
{
    ensure(gauge->metric->type == METRIC_TYPE_GAUGE);
    atomic_store_explicit(&gauge->number, value, memory_order_relaxed);
}

static void add_number(_Atomic double *number, double amount)
{
    double before = atomic_load_explicit(number, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(number, &before, before + amount,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

void metric_change(struct metric_series *gauge, double amount)
{
    ensure(gauge->metric->type == METRIC_TYPE_GAUGE);
    add_number(&gauge->number, amount);
}

void metric_observe(struct metric_series *histogram, double value)
{
    const struct metric *metric = histogram->metric;
    ensure(metric->type == METRIC_TYPE_HISTOGRAM);
    size_t at = 0;
    while (at < metric->bound_count && !(value <= metric->bounds[at]))
        at++;
    atomic_fetch_add_explicit(&histogram->buckets[at], 1, memory_order_relaxed);
    add_number(&histogram->number, value);
}

void metric_read_from(struct metric_series *series, double (*read)(void *data), void *data)
{
    ensure(series->metric->type != METRIC_TYPE_HISTOGRAM);
    pthread_mutex_lock(&lock);
    if (series->read && !read) {
        double last = series->read(series->read_data);
        atomic_store(&series->number, last);
        atomic_store(&series->count, last > 0 ? (uint64_t)last : 0);
    }
    series->read = read;
    series->read_data = data;
    pthread_mutex_unlock(&lock);
}

double metric_value(const struct metric_series *series)
{
    const struct metric *metric = series->metric;
    uint64_t seen = atomic_load(&series->count);
    if (metric->type == METRIC_TYPE_GAUGE)
        return atomic_load(&series->number);
    if (metric->type == METRIC_TYPE_HISTOGRAM)
        for (size_t i = 0; i <= metric->bound_count; i++)
            seen += atomic_load(&series->buckets[i]);
    return (double)seen;
}

static void append_number(struct buffer *out, double value)
{
    if (isnan(value))
        buffer_append_cstr(out, "NaN");
    else if (isinf(value))
        buffer_append_cstr(out, value > 0 ? "+Inf" : "-Inf");
    else
        json_append_double(out, value);
}

// In help texts a quote stands for itself, in label values it is escaped.
static void append_escaped(struct buffer *out, const char *text, bool quotes)
{
    for (; *text; text++) {
        if (*text == '\n')
            buffer_append_cstr(out, "\\n");
        else if (*text == '\\' || (quotes && *text == '"'))
            buffer_append(out, (struct slice){(char[2]){'\\', *text}, 2});
        else
            buffer_append_char(out, *text);
    }
}

// name_suffix{label="value",…} with a bucket's bound behind the labels (bound: NULL when there is none).
static void append_head(struct buffer *out, const struct metric_series *series, const char *suffix,
                        const double *bound)
{
    const struct metric *metric = series->metric;
    size_t count = label_count(metric);
    buffer_append_cstr(out, metric->name);
    buffer_append_cstr(out, suffix);
    if (count || bound)
        buffer_append_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s%s=\"", i ? "," : "", metric->labels[i]);
        append_escaped(out, series->values[i], true);
        buffer_append_char(out, '"');
    }
    if (bound) {
        buffer_append_cstr(out, count ? ",le=\"" : "le=\"");
        append_number(out, *bound);
        buffer_append_char(out, '"');
    }
    buffer_append_cstr(out, count || bound ? "} " : " ");
}

static void append_count(struct buffer *out, uint64_t count)
{
    buffer_printf(out, "%llu\n", (unsigned long long)count);
}

static void render_histogram(struct buffer *out, const struct metric_series *series)
{
    const struct metric *metric = series->metric;
    uint64_t seen = 0;
    for (size_t i = 0; i <= metric->bound_count; i++) {
        double bound = i < metric->bound_count ? metric->bounds[i] : INFINITY;
        seen += atomic_load_explicit(&series->buckets[i], memory_order_relaxed);
        append_head(out, series, "_bucket", &bound);
        append_count(out, seen);
    }
    append_head(out, series, "_sum", NULL);
    append_number(out, atomic_load_explicit(&series->number, memory_order_relaxed));
    buffer_append_char(out, '\n');
    // The same number as the last bucket, not a counter of its own: the two never disagree.
    append_head(out, series, "_count", NULL);
    append_count(out, seen);
}

static void render_series(struct buffer *out, const struct metric_series *series)
{
    if (series->metric->type == METRIC_TYPE_HISTOGRAM) {
        render_histogram(out, series);
        return;
    }
    append_head(out, series, "", NULL);
    if (!series->read && series->metric->type == METRIC_TYPE_COUNTER) {
        append_count(out, atomic_load_explicit(&series->count, memory_order_relaxed));
        return;
    }
    append_number(out, series->read ? series->read(series->read_data)
                                    : atomic_load_explicit(&series->number, memory_order_relaxed));
    buffer_append_char(out, '\n');
}

void metric_render(struct buffer *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    pthread_mutex_lock(&lock);
    for (const struct metric *metric = metrics; metric; metric = metric->next) {
        buffer_printf(out, "# HELP %s ", metric->name);
        append_escaped(out, metric->help, false);
        buffer_printf(out, "\n# TYPE %s %s\n", metric->name, types[metric->type]);
        for (const struct metric_series *s = atomic_load(&metric->series); s; s = s->next)
            render_series(out, s);
    }
    pthread_mutex_unlock(&lock);
}

// ------------------------------------------------------------------------------------------------------ as JSON

static void write_histogram(struct json_writer *w, const struct metric_series *series)
{
    const struct metric *metric = series->metric;
    uint64_t seen = 0;
    json_key(w, "buckets");
    json_begin_array(w);
    for (size_t i = 0; i < metric->bound_count; i++) {
        seen += atomic_load_explicit(&series->buckets[i], memory_order_relaxed);
        json_begin_array(w);
        json_double(w, metric->bounds[i]);
        json_int(w, (int64_t)seen);
        json_end_array(w);
    }
    json_end_array(w);
    seen += atomic_load_explicit(&series->buckets[metric->bound_count], memory_order_relaxed);
    json_key(w, "count");
    json_int(w, (int64_t)seen);
    json_key(w, "sum");
    json_double(w, atomic_load_explicit(&series->number, memory_order_relaxed));
}

static void write_series(struct json_writer *w, const struct metric_series *series)
{
    const struct metric *metric = series->metric;
    json_begin_object(w);
    json_key(w, "name");
    json_cstr(w, metric->name);
    json_key(w, "labels");
    json_begin_object(w);
    for (size_t i = 0; i < label_count(metric); i++) {
        json_key(w, metric->labels[i]);
        json_cstr(w, series->values[i]);
    }
    json_end_object(w);
    if (metric->type == METRIC_TYPE_HISTOGRAM) {
        write_histogram(w, series);
    } else {
        json_key(w, "value");
        json_double(w, series->read ? series->read(series->read_data) : metric_value(series));
    }
    json_end_object(w);
}

void metric_render_json(struct buffer *out, const char *const *names)
{
    struct json_writer w = json_writer_on(out);
    json_begin_array(&w);
    pthread_mutex_lock(&lock);
    for (const struct metric *metric = metrics; metric; metric = metric->next)
        for (size_t i = 0; names[i]; i++)
            if (strcmp(metric->name, names[i]) == 0)
                for (const struct metric_series *s = atomic_load(&metric->series); s; s = s->next)
                    write_series(&w, s);
    pthread_mutex_unlock(&lock);
    json_end_array(&w);
}
