// What the server keeps of one request besides what its handler sees. Private to the server.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/http/output.h"
#include "lib/http/server.h"

#include <stdbool.h>
#include <sys/queue.h>

struct http_connection;

enum http_exchange_state {
    HTTP_EXCHANGE_RECEIVING, // belongs to the parser
    HTTP_EXCHANGE_HANDLED,   // belongs to the handler, until http_respond
    HTTP_EXCHANGE_STREAMING, // its answer has begun and lasts (stream.h)
    HTTP_EXCHANGE_ANSWERED,  // waits until the answers before it are out
};

struct exchange {
    struct http_exchange shown; // to the handler; first, see exchange_of
    struct http_server *server;
    struct http_connection *connection; // NULL once the client has gone
    STAILQ_ENTRY(exchange) link;        // in the order of the requests of its connection
    enum http_exchange_state state;
    struct http_chunk *answer;  // while it waits
    struct http_stream *stream; // an answer that lasts, in the arena; NULL without

    // What the request says about its own transfer.
    struct slice accept_encoding, if_none_match;
    int minor_version;     // of HTTP/1
    bool keep_alive;       // may the connection carry another request after it?
    bool expects_continue; // RFC 9110 section 10.1.1; cleared when answered or when the body comes
    bool is_complete;      // arrived whole
    size_t body_limit;     // known once the header is
    struct buffer long_body; // holds a body that came in pieces
};
STAILQ_HEAD(exchange_queue, exchange);

static inline struct exchange *exchange_of(struct http_exchange *shown)
{
    return CONTAINER_OF(shown, struct exchange, shown);
}

// Arenas of finished exchanges, for the next ones.
struct exchange_pool {
    struct arena *free[256];
    size_t free_count;
    size_t live; // exchanges that are not freed yet
};

struct exchange *exchange_new(struct exchange_pool *pool);
void exchange_free(struct exchange_pool *pool, struct exchange *exchange); // NULL is fine
void exchange_pool_done(struct exchange_pool *pool);
