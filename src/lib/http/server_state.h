// What the connections of one server share. Private to the server.
#pragma once

#include "lib/http/connection.h"
#include "lib/http/encoding.h"
#include "lib/http/exchange.h"
#include "lib/http/output.h"
#include "lib/http/request_parser.h"
#include "lib/http/response.h"
#include "lib/http/server.h"

struct http_server {
    struct loop *loop;
    struct http_server_options options; // defaults filled in
    struct http_request_limits limits;
    uv_tcp_t listener;
    uint16_t port;
    bool listening;      // the listener's handle is open
    bool accept_waiting; // the kernel has a connection for us, but there is no room

    TAILQ_HEAD(, http_connection) connections;
    TAILQ_HEAD(, http_connection)
    dirty; // with something to send or to decide at the end of the turn
    size_t connection_count, stream_count;
    struct loop_timer *sweep; // looks at every connection's time; NULL while there are none
    bool in_turn_end;

    struct exchange_pool exchanges;
    struct http_chunk_pool chunks;
    struct http_encoder *encoder;
    int64_t date_s; // of the text
    char date[HTTP_DATE_TEXT];
    char read_buffer[64 * 1024]; // every read goes here and is parsed at once

    bool draining, drained, freed;
    struct loop_timer *drain_timer;
    void (*drain_done)(void *);
    void *drain_data;
};

uint64_t http_server_now_ms(const struct http_server *server); // of this turn
struct slice http_server_date(struct http_server *server);
// A connection's handle is closed: accepts one that waits, and goes on with draining and freeing.
void http_server_connection_closed(struct http_server *server);
void http_server_exchange_done(struct http_server *server, struct exchange *exchange);
