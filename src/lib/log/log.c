#include "lib/log/log.h"

#include "lib/base/buffer.h"
#include "lib/json/json.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 16 * 1024 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static struct {
    const char *service;
    enum log_level level;
    enum log_format format;
} settings = {"eventd", LOG_INFO, LOG_TEXT};

void log_init(const char *service, enum log_level level, enum log_format format)
{
    settings.service = service;
    settings.level = level;
    settings.format = format;
}

bool log_enabled(enum log_level level)
{
    return level >= settings.level;
}

static void append_value(struct buffer *line, const struct log_field *field)
{
    switch (field->kind) {
    case LOG_FIELD_TEXT:
        if (field->text.ptr)
            json_append_string(line, field->text);
        else
            buffer_append_cstr(line, "null");
        break;
    case LOG_FIELD_INT:
        buffer_append_int(line, field->integer);
        break;
    case LOG_FIELD_DOUBLE:
        buffer_printf(line, "%.6g", field->number);
        break;
    case LOG_FIELD_BOOL:
        buffer_append_cstr(line, field->boolean ? "true" : "false");
        break;
    }
}

static void append_stamp(struct buffer *line)
{
    struct timespec now;
    struct tm utc;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    buffer_printf(line, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    struct buffer line CLEANUP(buffer_done);
    buffer_init(&line, LINE_MAX_BYTES);
    bool json = settings.format == LOG_JSON;
    buffer_append_cstr(&line, json ? "{\"time\":\"" : "");
    append_stamp(&line);
    buffer_printf(&line,
                  json ? "\",\"level\":\"%s\",\"service\":\"%s\",\"event\":\"%s\"" : " %-5s %s %s",
                  level_names[level], settings.service, event);
    for (size_t i = 0; i < count; i++) {
        if (!fields[i].key)
            continue;
        size_t before = line.len;
        buffer_printf(&line, json ? ",\"%s\":" : " %s=", fields[i].key);
        append_value(&line, &fields[i]);
        if (line.overflow) { // drop the field that did not fit, keep the line whole
            line.len = before;
            line.overflow = false;
            break;
        }
    }
    line.overflow = false;
    line.max += 2;
    buffer_append_cstr(&line, json ? "}\n" : "\n");
    // One write, so that lines of several processes on one descriptor do not mix.
    (void)!write(STDERR_FILENO, line.ptr, line.len);
}
