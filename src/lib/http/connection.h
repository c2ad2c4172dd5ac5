// One client's connection: reading requests, the queue of their exchanges, writing the answers in order,
// and its end. Private to the server.
//
// A request is received by the parser, then queued and handed to the handler; its answer is written when
// all before it are. Whatever happens in a turn (reads, answers, timers) only changes the state and marks
// the connection dirty; http_connection_finish_turn, once at the end of the turn, writes everything that
// is ready and decides whether to read on, wait or close. Connections are therefore never freed under
// somebody's feet.
//
// An answer that lasts (stream.c) is an exchange that stays at the head of the queue and appends to `output` for as
// long as it likes. Nothing is taken behind it; what the client sends is read and thrown away, so that its end is seen.
#pragma once

#include "lib/http/exchange.h"
#include "lib/http/output.h"
#include "lib/http/request_parser.h"

struct http_connection {
    uv_tcp_t handle;
    uv_write_t write;
    struct http_server *server;
    TAILQ_ENTRY(http_connection) link;
    TAILQ_ENTRY(http_connection) dirty_link;
    char peer[46]; // INET6_ADDRSTRLEN

    struct http_request_parser parser;
    struct exchange_queue
        queue; // complete requests, not answered yet or waiting for one before them
    size_t queue_count;
    size_t stream_count; // answers in the queue that last
    char *pending;       // input that waits until there is room for more requests; heap
    size_t pending_len, pending_at;

    struct http_output output;
    size_t writing_bytes; // handed to uv_write, which has not called back yet; 0: none

    bool dirty, closing;
    bool reading;   // libuv reads
    bool at_end;    // the client sends nothing more
    bool last_seen; // no request after those in the queue will be taken
    bool lingering; // all is sent, our side is shut down, the client's rest is thrown away
    size_t lingered_bytes;

    // Times of the loop, ms. Which of them counts follows from the state: see http_connection_check_time.
    uint64_t request_since, idle_since, write_since, linger_since, paused_since;
    size_t write_mark; // bytes that waited when write_since was set
};

// For the listener: takes the next connection that waits.
void http_connection_accept(struct http_server *server);
void http_connection_mark_dirty(struct http_connection *connection);
// Moves the answers whose turn has come to the output.
void http_connection_send_ready(struct http_connection *connection);
void http_connection_observe(struct http_server *server, const struct exchange *exchange,
                             int status, size_t body_bytes);
void http_connection_finish_turn(struct http_connection *connection);
void http_connection_check_time(struct http_connection *connection, uint64_t now_ms);
// From now on its last answer says Connection: close; when there is nothing under way it ends at once.
void http_connection_drain(struct http_connection *connection);
// Ends it now. Exchanges of the handler become orphans, the others are freed.
void http_connection_close(struct http_connection *connection);
