// Answers that last: the header goes out at once, the body piece by piece, for as long as the handler has something to
// say and the client listens (server-sent events, for one: lib/http/events.h).
//
// What a client does not take stays here up to a bound; beyond it the client is dropped, so that one that sleeps costs
// no more than that. A client that stops sending (closes, or only its half) has gone. Nothing is read behind the
// request of a stream: what was read before gets its answers when the stream has ended, then the connection ends.
// HTTP/1.1 gets chunks (RFC 9112 section 7.1), HTTP/1.0 all until the end of the connection.
#pragma once

#include "lib/http/server.h"

// Of the server; valid until http_stream_end or until `closed` was called.
struct http_stream;

enum http_stream_reason {
    HTTP_STREAM_CLIENT_GONE,
    HTTP_STREAM_TOO_SLOW, // the bound was passed
    HTTP_STREAM_DRAINING, // the server ends; clients come back to another one
    HTTP_STREAM_REASON_COUNT,
};
const char *http_stream_reason_name(enum http_stream_reason reason); // "client_gone"

struct http_stream_options {
    const char *content_type;
    struct http_header headers[6]; // unused have an absent name
    size_t max_waiting_bytes;      // that the client has not taken; 0: 256 KiB
    // Written when nothing else was for that long, to keep proxies from giving up; static text.
    struct slice heartbeat;
    uint32_t heartbeat_ms; // 0: never; exact to a quarter of a second
    // Called once, on the loop's thread, when the stream ends by anything but http_stream_end; never from inside a call
    // of this file. The exchange's arena lasts until it returns.
    void (*closed)(void *data, enum http_stream_reason reason);
    void *data;
};

// Begins the answer (200), instead of http_respond. NULL when there will be no stream and the exchange is answered:
// to HEAD by the header alone, with too many streams (http_server_options.max_streams) or while the server drains by
// 503, and when the client has gone already. The exchange, with its arena, lives as long as the stream.
struct http_stream *http_stream_begin(struct http_exchange *exchange,
                                      const struct http_stream_options *options);

// Bytes that may still be written before the client counts as too slow.
size_t http_stream_room(const struct http_stream *stream);
// Appends to the body; copied. False when that passes the bound: nothing is added, the client is dropped in this turn,
// and `closed` says so.
bool http_stream_write(struct http_stream *stream, struct slice bytes);
// Ends the body in order. The stream is gone when it returns; `closed` is not called.
void http_stream_end(struct http_stream *stream);

size_t http_server_streams(const struct http_server *server);
