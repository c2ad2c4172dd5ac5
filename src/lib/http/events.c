#include "lib/http/events.h"

enum { HEARTBEAT_MS = 15 * 1000, MAX_EVENT_BYTES = 1024 * 1024 };

struct http_stream *http_events_begin(struct http_exchange *exchange,
                                      void (*closed)(void *data, enum http_stream_reason reason),
                                      void *data)
{
    const struct http_stream_options options = {
        .content_type = "text/event-stream; charset=utf-8",
        // nginx and its relatives would keep events back until a buffer is full.
        .headers = {{SLICE("X-Accel-Buffering"), SLICE("no")}},
        .heartbeat = SLICE(":\n\n"),
        .heartbeat_ms = HEARTBEAT_MS,
        .closed = closed,
        .data = data,
    };
    struct http_stream *stream = http_stream_begin(exchange, &options);
    if (stream)
        http_stream_write(stream, SLICE("retry: 5000\n\n"));
    return stream;
}

static void put_line(struct buffer *out, struct slice name, struct slice value)
{
    buffer_append(out, name);
    while (value.len) {
        size_t plain = 0;
        while (plain < value.len && value.ptr[plain] != '\n' && value.ptr[plain] != '\r')
            plain++;
        buffer_append(out, slice_sub(value, 0, plain));
        if (plain < value.len)
            buffer_append(out, SLICE(" "));
        value = slice_sub(value, plain + (plain < value.len), value.len);
    }
    buffer_append(out, SLICE("\n"));
}

void http_events_render(struct buffer *out, struct slice id, struct slice type, struct slice data)
{
    if (id.ptr)
        put_line(out, SLICE("id: "), id);
    if (type.ptr)
        put_line(out, SLICE("event: "), type);
    put_line(out, SLICE("data: "), data);
    buffer_append(out, SLICE("\n"));
}

bool http_events_send(struct http_stream *stream, struct slice id, struct slice type,
                      struct slice data)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_EVENT_BYTES);
    http_events_render(&text, id, type, data);
    return http_stream_write(stream, buffer_slice(&text));
}

struct slice http_events_last_id(const struct http_exchange *exchange)
{
    struct slice id = http_header_get(&exchange->headers, "last-event-id");
    return id.len ? id : (struct slice){0};
}
