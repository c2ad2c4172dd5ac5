// What connections know of the streams among their exchanges. Private to the server.
#pragma once

#include "lib/http/exchange.h"
#include "lib/http/stream.h"

struct http_stream {
    struct http_stream_options options;
    struct exchange *exchange;
    struct http_output early; // written before the answers in front of it were out
    size_t allowed;           // how much may wait in the output it writes to
    size_t body_bytes;        // written, without framing
    uint64_t wrote_ms;        // of the loop
    bool doomed;              // too slow: dropped at the end of the turn
};

// The connection's end: tells `closed` and the observer. The exchange is the caller's.
void http_stream_cut(struct exchange *exchange);
// The answers in front of it are out: from now on it writes to the connection.
void http_stream_reach(struct exchange *exchange);
// At the end of a turn: drops those that are too slow, ends those of a server that drains. False: the connection has
// been closed.
bool http_stream_settle(struct http_connection *connection);
void http_stream_check_time(struct http_connection *connection, uint64_t now_ms);
