// Server-sent events (WHATWG HTML, section 9.2) on an answer that lasts: `id:`, `event:` and one line of `data:` an event,
// `retry: 5000` first, a comment every 15 s so that nobody takes the silence for the end.
#pragma once

#include "lib/base/buffer.h"
#include "lib/http/stream.h"

// As http_stream_begin, with text/event-stream and the headers that keep caches and buffering proxies out of the way.
struct http_stream *http_events_begin(struct http_exchange *exchange,
                                      void (*closed)(void *data, enum http_stream_reason reason),
                                      void *data);

// Sends one event. id and type may be absent; data is one line (JSON text); line breaks in any of them become spaces,
// so that nobody's text can begin a field. False as http_stream_write.
bool http_events_send(struct http_stream *stream, struct slice id, struct slice type,
                      struct slice data);
// The same as text, for many readers at once: appends to out.
void http_events_render(struct buffer *out, struct slice id, struct slice type, struct slice data);

// Where a client wants to go on: the header Last-Event-ID; absent when it sent none, or an empty one.
struct slice http_events_last_id(const struct http_exchange *exchange);
