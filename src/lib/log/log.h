// Structured log lines on standard error, one a line, JSON or text.
//
//   log_info("scrape_failed", log_str("url", url), log_int("status", 404));
//
// The first argument names what happened (snake_case, constant); fields carry the rest. Libraries do not
// log: they return errors, and whoever handles one for good logs it once. Thread-safe; one write a line.
#pragma once

#include "lib/base/slice.h"

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_JSON, LOG_TEXT };

struct log_field {
    const char *key; // NULL: passed over
    enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_DOUBLE, LOG_FIELD_BOOL } kind;
    union {
        struct slice text;
        int64_t integer;
        double number;
        bool boolean;
    };
};

// Once, before threads start. service is a constant such as "api".
void log_init(const char *service, enum log_level level, enum log_format format);
bool log_enabled(enum log_level level);
void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

static inline struct log_field log_slice(const char *key, struct slice text)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_TEXT, .text = text};
}
static inline struct log_field log_str(const char *key, const char *text)
{
    return log_slice(key, slice_from_cstr(text));
}
static inline struct log_field log_int(const char *key, int64_t value)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_INT, .integer = value};
}
static inline struct log_field log_double(const char *key, double value)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_DOUBLE, .number = value};
}
static inline struct log_field log_bool(const char *key, bool value)
{
    return (struct log_field){.key = key, .kind = LOG_FIELD_BOOL, .boolean = value};
}

#define LOG_AT(level, event, ...)                                                   \
    do {                                                                            \
        if (log_enabled(level)) {                                                   \
            const struct log_field log_fields[] = {{0} __VA_OPT__(, ) __VA_ARGS__}; \
            log_write((level), (event), log_fields, ARRAY_LEN(log_fields));         \
        }                                                                           \
    } while (0)
#define log_debug(event, ...) LOG_AT(LOG_DEBUG, event __VA_OPT__(, ) __VA_ARGS__)
#define log_info(event, ...) LOG_AT(LOG_INFO, event __VA_OPT__(, ) __VA_ARGS__)
#define log_warn(event, ...) LOG_AT(LOG_WARN, event __VA_OPT__(, ) __VA_ARGS__)
#define log_error(event, ...) LOG_AT(LOG_ERROR, event __VA_OPT__(, ) __VA_ARGS__)
