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
struct http_response;

enum { HTTP_MAX_EXTRA_HEADERS = 4 };

// One request and its answer. Lives until it is answered, even when the client has gone meanwhile.
// Everything it points to lives as long, mostly in its arena.
struct http_exchange {
    struct arena *arena;     // for the handler too; never reset or freed by it
    enum http_method method; // HEAD arrives as HEAD; answer it like GET, the server drops the body
    struct slice target;     // as sent, usually path and query
    struct slice path;       // still percent-encoded, without the query
    struct slice query;      // without '?'; absent when there is none
    struct http_headers headers;
    struct slice body; // absent when there is none
    struct slice peer; // address of the client, text
    struct slice
        request_id; // X-Request-Id of the client when it is sane, else the trace's id, else a new UUID; zero-terminated
    struct slice traceparent; // as sent, absent when none or malformed
    uint64_t started_ns;      // monotonic
    bool is_stream;           // its answer lasts or lasted
    // Further headers of the answer, whatever it will be; values live as long as the exchange. Unused: absent name.
    struct http_header extra[HTTP_MAX_EXTRA_HEADERS];
    // Gets the answer instead of the client, once; has to send it, or another one, by http_respond in the end. NULL:
    // nobody wants to.
    void (*on_answer)(void *data, struct http_exchange *exchange,
                      const struct http_response *response);
    void *on_answer_data;
    const char *route; // set by the handler: route template for logs and metrics
    void *user;        // for the handler
};

struct http_response {
    int status;
    const char *content_type; // NULL without a body
    struct slice body;        // must live until http_respond returns: it is copied or sent at once
    // Further ones; unused have an absent name. An ETag or Cache-Control here replaces the server's (the tag
    // still gets a suffix for each coding); a Content-Encoding says that the body is encoded already.
    // Control characters in values become spaces.
    struct http_header headers[12];
    bool no_etag;  // otherwise 200 answers to GET and HEAD get a strong ETag and 304
    bool no_store; // Cache-Control: no-store instead of private, max-age=0, must-revalidate
};

// Called on the loop thread for every complete request. Must lead to exactly one http_respond, or one
// http_stream_begin (stream.h).
typedef void http_handler(void *context, struct http_exchange *exchange);
// Called once after every answered request (also those the server answers itself, such as 400 or 431,
// where exchange->route is NULL and anything else but the request id may be missing), for the access log and
// metrics. status is what went out, perhaps 304; body_bytes are those sent: 0 when the client has gone. Of answers that
// last (exchange->is_stream) at their end.
typedef void http_observer(void *context, const struct http_exchange *exchange, int status,
                           size_t body_bytes);

struct http_server_options {
    const char *bind;        // numeric, "127.0.0.1" or "::"; borrowed until http_server_new returns
    uint16_t port;           // 0: any, see http_server_port
    bool reuse_port;         // several loops listen on one port
    size_t max_header_bytes; // default 16 KiB: beyond it 431
    size_t max_body_bytes;   // default 1 MiB: beyond it 413
    // The limit for one request, asked when its header is complete (batch routes allow more); may be NULL.
    size_t (*body_limit)(void *context, enum http_method method, struct slice path);
    // First byte to the last of one request, default 10 s: beyond it 408. Time in which the server did not read
    // because of back-pressure does not count.
    uint32_t request_timeout_ms;
    uint32_t idle_timeout_ms;  // before a first and between requests, default 60 s
    uint32_t write_timeout_ms; // a client that takes less than a byte a ms is dropped, default 30 s
    size_t max_connections;    // default 4096; further ones wait in the backlog
    size_t max_pipelined;      // requests of one connection under way at once, default 32
    size_t max_streams;        // answers that last (stream.h) at once, default 1024: beyond it 503
    bool is_private;           // pages of other sites may not read the answers: no CORS headers
    http_handler *handler;
    void (*began)(
        void *
            context); // a request has come, answered or refused; the observer tells its end; may be NULL
    http_observer *observer; // may be NULL
    void *context;
};

// Zero fields of options take their defaults. Fails with ERR_IO when the address cannot be bound.
MUST_CHECK enum err http_server_new(struct loop *loop, const struct http_server_options *options,
                                    struct http_server **ret_server, struct error *ret_error);
uint16_t http_server_port(const struct http_server *server);

// Answers. Answers of one connection go out in the order of its requests, whatever the order of the calls.
// Adds Date, Content-Length, X-Request-Id, Vary, ETag, CORS (any origin may read; preflights are the handler's);
// compresses (zstd, gzip) bodies of text and JSON from 1 KiB on when the client accepts it; turns a matching
// If-None-Match into 304. The exchange is gone when it returns.
void http_respond(struct http_exchange *exchange, const struct http_response *response);

// True when the client has gone or sends no more: nobody may be there any longer to hear a late answer.
bool http_exchange_is_over(struct http_exchange *exchange);

// Drains: closes the listener, lets requests under way finish (at most timeout_ms), answers with
// Connection: close, then calls done once, on the loop. After it requests may still be under way whose time was
// up: they are answered as always, into the void.
void http_server_drain(struct http_server *server, uint32_t timeout_ms, void (*done)(void *),
                       void *data);
// After done; or, with the loop stopped or about to be, without draining: then it drops every connection.
// The memory goes when the loop has closed its handles (loop_free sees to that) and all requests are answered.
void http_server_free(struct http_server *server);
size_t http_server_connections(const struct http_server *server);
// Requests under way, from their first byte to their answer; streams included.
size_t http_server_requests(const struct http_server *server);
