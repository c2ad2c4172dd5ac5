// HTTP client on libcurl: one blocking request, for worker threads. Never follows redirects by itself,
// because every hop must pass the caller's rules.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/http/message.h"

struct http_client; // one a thread: keeps connections alive between requests

struct http_client_request {
    const char *method; // NULL: GET
    const char *url;    // http or https
    const struct http_header *headers;
    size_t header_count;
    struct slice body;                             // absent: none
    const char *proxy;                             // NULL: none; http://, socks5h:// …
    const char *user_agent;                        // NULL: the product's
    size_t max_body_bytes;                         // beyond it ERR_PAGE_TOO_LARGE; 0: 10 MiB
    uint32_t connect_timeout_ms, total_timeout_ms; // 0: 5 s, 30 s
    bool
        public_only; // refuse loopback, private, link-local, CGNAT, ULA, multicast and other special addresses
                     // after name resolution: ERR_URL_NOT_ALLOWED, and nothing is sent
    const bool *
        cancel; // when it becomes true (atomically) the transfer ends with ERR_SHUTTING_DOWN; may be NULL
};

struct http_client_response {
    int status;
    struct http_headers headers; // in the arena, names as sent
    struct slice body;           // decoded (gzip, zstd, deflate), in the arena
    struct slice content_type;
    struct slice location; // absolute, resolved against the request's URL; absent when none
};

MUST_CHECK enum err http_client_new(struct http_client **ret_client, struct error *ret_error);
void http_client_free(struct http_client *client);

// Any HTTP status is a success here. Errors: ERR_FETCH_TIMEOUT, ERR_FETCH_FAILED (resolve, connect, TLS, broken
// answer), ERR_PAGE_TOO_LARGE, ERR_URL_NOT_ALLOWED, ERR_SHUTTING_DOWN.
MUST_CHECK enum err http_client_send(struct http_client *client,
                                     const struct http_client_request *request, struct arena *arena,
                                     struct http_client_response *ret_response,
                                     struct error *ret_error);

// Is this numeric IPv4 or IPv6 address (also v4-mapped) one of the public internet? IANA special-purpose
// registries (RFC 6890 and successors).
bool http_address_is_public(const char *address);
