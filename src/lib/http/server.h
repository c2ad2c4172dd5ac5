// HTTP/1.1 server on llhttp and the loop: keep-alive, pipelining, chunked bodies, HEAD, limits and
// timeouts, compression, ETag and 304, request ids. It knows nothing of routes: every complete request
// goes to one handler, which answers now or later on the same loop thread.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/http/message.h"
#include "lib/loop/loop.h"

struct http_server;

// One request and its answer. Lives until it is answered, even when the client has gone meanwhile.
// Everything it points to lives in its arena.
struct http_exchange {
    struct arena *arena;
    enum http_method method; // HEAD arrives as HEAD; answer it like GET, the server drops the body
    struct slice target;     // as sent: path and query
    struct slice path;       // still percent-encoded, without the query
    struct slice query;      // without '?'; absent when there is none
    struct http_headers headers;
    struct slice body;
    struct slice peer;        // address of the client, text
    struct slice request_id;  // X-Request-Id of the client when it is sane, else a new UUID
    struct slice traceparent; // as sent, absent when none or malformed
    uint64_t started_ns;      // monotonic
    const char *route;        // set by the handler: route template for logs and metrics
    void *user;               // for the handler
};

struct http_response {
    int status;
    const char *content_type; // NULL without a body
    struct slice body;        // must live until http_respond returns: it is copied or sent at once
    struct http_header headers[12]; // further ones; unused have an absent name
    bool no_etag;  // otherwise 200 answers to GET and HEAD get a strong ETag and 304
    bool no_store; // Cache-Control: no-store instead of private, max-age=0, must-revalidate
};

// Called on the loop thread for every complete request. Must lead to exactly one http_respond.
typedef void http_handler(void *context, struct http_exchange *exchange);
// Called once after every answered request (also those the server answers itself, such as 400 or 431,
// where exchange->route is NULL), for the access log and metrics.
typedef void http_observer(void *context, const struct http_exchange *exchange, int status,
                           size_t body_bytes);

struct http_server_options {
    const char *bind;        // address, e.g. "127.0.0.1"
    uint16_t port;           // 0: any, see http_server_port
    bool reuse_port;         // several loops listen on one port
    size_t max_header_bytes; // default 16 KiB: beyond it 431
    size_t max_body_bytes;   // default 1 MiB: beyond it 413
    // The limit for one request, asked when its header is complete (batch routes allow more); may be NULL.
    size_t (*body_limit)(void *context, enum http_method method, struct slice path);
    uint32_t
        request_timeout_ms;    // first byte to the last of one request, default 10 s: beyond it 408
    uint32_t idle_timeout_ms;  // between requests, default 60 s
    uint32_t write_timeout_ms; // a client that does not read is dropped, default 30 s
    size_t max_connections;    // default 4096; further ones wait in the backlog
    size_t max_pipelined;      // requests of one connection under way at once, default 32
    http_handler *handler;
    http_observer *observer; // may be NULL
    void *context;
};

// Zero fields of options take their defaults. Fails with ERR_IO when the address cannot be bound.
MUST_CHECK enum err http_server_new(struct loop *loop, const struct http_server_options *options,
                                    struct http_server **ret_server, struct error *ret_error);
uint16_t http_server_port(const struct http_server *server);

// Answers. Answers of one connection go out in the order of its requests, whatever the order of the calls.
// Adds Date, Content-Length, X-Request-Id, Vary, ETag; compresses (zstd, gzip) bodies of text and JSON over 1 KiB
// when the client accepts it; turns a matching If-None-Match into 304.
void http_respond(struct http_exchange *exchange, const struct http_response *response);

// Drains: closes the listener, lets requests under way finish (at most timeout_ms), answers with
// Connection: close, then calls done once. http_server_free only after done.
void http_server_drain(struct http_server *server, uint32_t timeout_ms, void (*done)(void *),
                       void *data);
void http_server_free(struct http_server *server);
size_t http_server_connections(const struct http_server *server);
