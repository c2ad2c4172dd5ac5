// Bytes of one connection into exchanges: llhttp underneath, with our limits and what RFC 9112 asks of a
// server on top. Knows nothing of sockets, so that tests and the fuzzer can drive it. Private to the server.
#pragma once

#include "lib/base/error.h"
#include "lib/http/exchange.h"

#include <llhttp.h>

struct http_request_limits {
    size_t header_bytes, body_bytes;
    // As in http_server_options: the body's limit for one request; may be NULL.
    size_t (*body_limit)(void *context, enum http_method method, struct slice path);
    void *context;
};

enum http_parse_result {
    HTTP_PARSE_MORE, // everything is consumed, nothing is complete
    HTTP_PARSE_DONE, // one request is complete; what follows it is left in the input
    HTTP_PARSE_BAD,  // error and detail say why; no further bytes may be fed
};

struct http_request_parser {
    llhttp_t llhttp;
    const struct http_request_limits *limits;
    struct exchange_pool *pool;
    struct exchange *exchange; // being received, or just completed; NULL between requests
    enum err error;
    const char *detail; // static text

    // Of the request being received.
    bool head_done, name_done;
    size_t head_bytes;    // of the header, fed before the current input
    const char *feed;     // where the current input begins
    size_t framing_bytes; // chunk extensions and trailers, which are dropped
    size_t header_capacity;
    char *text, *text_end; // free room in the arena for names and values
};

void http_request_parser_init(struct http_request_parser *parser,
                              const struct http_request_limits *limits, struct exchange_pool *pool);

// Takes what it can off *bytes. After DONE and BAD the exchange is the caller's (take it with
// http_request_parser_take); after BAD it may be missing parts, but always has a request id.
enum http_parse_result http_request_parser_feed(struct http_request_parser *parser,
                                                struct slice *bytes);
struct exchange *http_request_parser_take(struct http_request_parser *parser); // NULL if none
// Frees what is half received.
void http_request_parser_done(struct http_request_parser *parser);
