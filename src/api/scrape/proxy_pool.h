// The proxies that pages are fetched through (SCRAPE_PROXIES), and how they are doing. Shared by the
// workers of a process; thread-safe. Healthy proxies take turns. One that fails rests, twice as long after
// each further failure in a row; its first success makes it healthy again.
#pragma once

#include "lib/base/error.h"
#include "lib/base/slice.h"

enum {
    PROXY_POOL_MAX = 256,
    PROXY_POOL_URL_BYTES = 512,
    PROXY_POOL_FIRST_REST_MS = 5000,
    PROXY_POOL_LONGEST_REST_MS = 10 * 60 * 1000,
};

struct proxy_pool;

// list: addresses separated by commas or white space: http://, https://, socks5://, socks5h://, with user
// name and password where the proxy wants them, and always with a port. An empty list gives NULL, which
// means: no proxies. Fails with ERR_CONFIG_INVALID (and never repeats a password).
MUST_CHECK enum err proxy_pool_new(struct slice list, struct proxy_pool **ret_pool,
                                   struct error *ret_error);
void proxy_pool_free(struct proxy_pool *pool); // NULL is fine

size_t proxy_pool_count(const struct proxy_pool *pool); // 0 for NULL
const char *proxy_pool_url(const struct proxy_pool *pool,
                           size_t number); // with credentials: not for logs
const char *proxy_pool_name(const struct proxy_pool *pool, size_t number); // without: for logs

// The next healthy proxy; false when all are resting: *ret_wait_ms says until when. now_ms: monotonic.
MUST_CHECK bool proxy_pool_take(struct proxy_pool *pool, uint64_t now_ms, size_t *ret_number,
                                uint32_t *ret_wait_ms);
// What became of a request through it. Failures of the target are none of the proxy's.
void proxy_pool_report(struct proxy_pool *pool, size_t number, bool worked, uint64_t now_ms);

struct proxy_state {
    uint32_t failures_in_a_row;
    uint32_t rests_ms; // still; 0: healthy
    uint64_t requests, failures;
};
struct proxy_state proxy_pool_state(struct proxy_pool *pool, size_t number, uint64_t now_ms);
