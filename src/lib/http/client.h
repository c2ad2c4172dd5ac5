// HTTP client on libcurl: one blocking request, for worker threads. Never follows redirects by itself,
// because every hop must pass the caller's rules. Knows no cookies, no .netrc, no proxies from the
// environment, no protocol but http and https.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/http/address.h"
#include "lib/http/message.h"

// How we introduce ourselves to every server, here and nowhere else.
#define HTTP_CLIENT_PRODUCT "EventDataAPI"
#define HTTP_CLIENT_USER_AGENT \
    HTTP_CLIENT_PRODUCT "/0.1 (+https://github.com/event-data-api/eventd; bot)"

enum {
    HTTP_CLIENT_MAX_BODY_BYTES = 10 * 1024 * 1024, // the default limit
    HTTP_CLIENT_MAX_HEADERS = 256,                 // of an answer; more is a broken answer
    HTTP_CLIENT_MAX_HEADER_BYTES = 64 * 1024,
};

struct http_client; // one a thread: keeps connections alive between requests

struct http_client_request {
    const char *method; // NULL: GET
    const char *url;    // http or https, without user name
    const struct http_header *headers;
    size_t header_count;
    struct slice body;      // absent: none
    const char *proxy;      // NULL: none; http://, socks5h:// …
    const char *user_agent; // NULL: the product's
    size_t max_body_bytes;  // decoded and as sent; 0: 10 MiB
    bool truncate;          // what is longer is cut, instead of ERR_PAGE_TOO_LARGE
    uint32_t connect_timeout_ms, total_timeout_ms; // 0: 5 s, 30 s
    uint32_t
        stall_timeout_ms; // ERR_FETCH_TIMEOUT when that long hardly a byte came, whole seconds; 0: never
    bool
        public_only; // refuse loopback, private, link-local, CGNAT, ULA, multicast and other special addresses
    // after name resolution: ERR_URL_NOT_ALLOWED, and nothing is sent. Through a proxy the
    // name is also resolved here and refused when any of its addresses is not public; a name
    // that only the proxy can resolve passes. The proxy's own address is not checked.
    const bool *
        cancel; // when it becomes true (atomically) the transfer ends within 1 s with ERR_SHUTTING_DOWN; may be NULL
    const char *const
        *resolve; // "host:port:address", NULL at the end: instead of DNS; kept by the client
};

struct http_client_response {
    int status;                  // 0 when no answer came
    struct http_headers headers; // in the arena, names as sent
    struct slice body;           // decoded (gzip, zstd, brotli, deflate), in the arena
    bool truncated;
    struct slice content_type;
    struct slice
        location; // of a 3xx answer: absolute, resolved against the request's URL; absent when none

    // These are set when the request failed, too.
    uint32_t duration_ms;
    uint64_t wire_bytes; // of the body, before decoding
    bool proxy_failed;   // the proxy could not be reached or refused us: another one may do
    bool
        closed_unanswered; // connected and sent, but the connection ended before the first byte came back
};

MUST_CHECK enum err http_client_new(struct http_client **ret_client, struct error *ret_error);
void http_client_free(struct http_client *client); // NULL is fine

// Any HTTP status is a success here (but 407 of a proxy). The arena must have room for max_body_bytes and
// 256 KiB more. Errors: ERR_FETCH_TIMEOUT, ERR_FETCH_FAILED (resolve, connect, TLS, broken or cut answer),
// ERR_PAGE_TOO_LARGE, ERR_URL_NOT_ALLOWED (scheme, user name, address), ERR_SHUTTING_DOWN, ERR_INTERNAL (a
// header of ours that is none).
MUST_CHECK enum err http_client_send(struct http_client *client,
                                     const struct http_client_request *request, struct arena *arena,
                                     struct http_client_response *ret_response,
                                     struct error *ret_error);

// A Retry-After value (seconds, or an HTTP date seen from now_unix_ms) as a delay, at most max_ms; 0 when
// absent, malformed or past.
uint32_t http_retry_after_ms(struct slice value, int64_t now_unix_ms, uint32_t max_ms);
