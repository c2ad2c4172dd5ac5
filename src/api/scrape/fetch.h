// From an allowed address to the bytes of its page: one attempt. Redirects, robots.txt, politeness,
// conditional requests, proxies, and a name for every way it can end. No database, no waiting for another
// day: both are the caller's (worker.c).
//
// Threads: one fetcher a worker thread; the options, and the pools they point to, are shared by all.
#pragma once

#include "api/scrape/luma_url.h"
#include "api/scrape/origin.h"
#include "api/scrape/proxy_pool.h"
#include "api/scrape/robots_cache.h"
#include "lib/base/arena.h"
#include "lib/base/digest.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/http/client.h"

enum {
    FETCH_MAX_REDIRECTS = 5,
    FETCH_MAX_BODY_BYTES = HTTP_CLIENT_MAX_BODY_BYTES,
    FETCH_MAX_RETRY_AFTER_MS = 60 * 60 * 1000,
    FETCH_MAX_PROXIES_TRIED = 3,
    FETCH_MAX_VALIDATOR_BYTES = 1024, // longer ETags are not kept
    FETCH_EXTRA_BYTES =
        64 * 1024, // what a page takes of the caller's arena beyond its body, at most
    FETCH_ARENA_BYTES = FETCH_MAX_BODY_BYTES + FETCH_EXTRA_BYTES,
};

// For robots.txt: the product's name without its version.
#define FETCH_ROBOTS_TOKEN HTTP_CLIENT_PRODUCT

// Read only once the first fetcher was made; must outlive the fetchers.
struct fetch_options {
    const struct luma_url_rules *rules;     // allowed hosts; required
    const struct origin_override *override; // NULL: none. Its target may be a private address
    struct proxy_pool *proxies;             // NULL: connect directly
    struct robots_cache *robots_cache; // NULL: one for each fetcher; unused with the hooks below
    uint32_t connect_timeout_ms;       // 0: 5 s
    uint32_t request_timeout_ms;       // 0: 30 s, one request
    uint32_t page_timeout_ms;  // all requests of an attempt, waiting left out; 0: that of two
                               // requests, and 60 s at least
    uint32_t stall_timeout_ms; // 0: 15 s
    size_t max_body_bytes;     // 0: FETCH_MAX_BODY_BYTES
    const bool *cancel;        // see http_client_request; may be NULL
    // Pages that are empty without their scripts are run in a browser (render.h) and become what that shows.
    bool render;
    const char *browser;        // its program; NULL: chromium
    uint32_t render_timeout_ms; // see render.h
    const char *const *resolve; // for tests, see http_client_request; NULL: DNS
};

// A request that is about to be sent.
struct fetch_visit {
    struct slice site; // "luma.com" also for lu.ma, www. and an overridden origin: what to count by
    struct slice url;  // canonical
    bool is_robots_txt;
    uint32_t crawl_delay_ms; // what the site's robots.txt wishes between requests; 0: nothing
};

// What the caller does for a fetcher, on the fetcher's thread. Each may be NULL.
struct fetch_hooks {
    void *user;
    // Before every request (robots.txt, redirects and repetitions too): waits for the site's turn. An error
    // ends the attempt with that error, and nothing is sent.
    enum err (*before_request)(void *user, const struct fetch_visit *visit,
                               struct error *ret_error);
    // A store of robots.txt files shared by more than this process; both or none. The age of what is
    // loaded is judged by the fetcher.
    bool (*robots_load)(void *user, struct slice origin, struct arena *arena,
                        struct robots_file *ret_file);
    void (*robots_store)(void *user, struct slice origin, const struct robots_file *file);
};

struct fetch_request {
    struct slice url; // canonical (luma_url.h), or made so; checked again
    // Of the last good snapshot, to ask only for what is newer; absent: none. snapshot_url: the address it
    // came from, when that is not `url` (a redirect).
    struct slice etag, last_modified, snapshot_url;
    bool force; // ask for the whole page whatever the snapshot says
};

// A redirect that was followed.
struct fetch_hop {
    int status;       // 301, 302, 303, 307, 308
    struct slice url; // where it led, canonical
};

// How the attempt ended. Slices live in the caller's arena. Whatever was known when it ended is filled in.
struct fetch_result {
    struct error error;      // code ERR_OK, or what fetch_page returned, and the reason in words
    bool retry;              // failed, but trying again later can help
    uint32_t retry_after_ms; // the site's wish, at most an hour; 0: none
    bool not_modified;       // ERR_OK, 304: the snapshot is still what the site has, no body
    int status;              // of the last page request; 0 when none was answered
    struct slice url;        // canonical address of the last request: the page's own on success
    struct fetch_hop hops[FETCH_MAX_REDIRECTS];
    size_t hop_count;
    struct slice etag, last_modified, content_type; // absent when not sent
    struct slice body;                              // decoded
    char content_hash[DIGEST_SHA256_HEX];           // SHA-256 of the body; "" without one
    bool rendered;                                  // body is what a browser made of the page
    uint64_t wire_bytes;                            // of all answers' bodies
    uint32_t duration_ms;                           // spent in requests, waiting left out
    uint32_t requests;                              // sent to the site, robots.txt included
    const char
        *proxy; // the last one used (without credentials; lives as long as the pool), or NULL
};

struct fetcher;

// The options are borrowed, the hooks copied.
MUST_CHECK enum err fetcher_new(const struct fetch_options *options,
                                const struct fetch_hooks *hooks, struct fetcher **ret_fetcher,
                                struct error *ret_error);
void fetcher_free(struct fetcher *fetcher); // NULL is fine

// One attempt. Returns ret_result->error.code:
//   ERR_OK                  a whole HTML page (200), or not_modified (304)
//   ERR_URL_NOT_ALLOWED     the address or a redirect's target: host, scheme, private network. Nothing was sent to it
//   ERR_ROBOTS_DENIED       by robots.txt
//   ERR_PAGE_NOT_FOUND 404  ERR_PAGE_GONE 410  ERR_LOGIN_WALL 401 or a redirect to sign in  ERR_BLOCKED 403, 451
//   ERR_UPSTREAM_BUSY       429, 503 (also of robots.txt): see retry_after_ms
//   ERR_UPSTREAM_ERROR      other 5xx (also of robots.txt), an empty page; other 4xx and odd answers are final
//   ERR_NOT_HTML            by Content-Type or by its first bytes   ERR_PAGE_TOO_LARGE   more than max_body_bytes
//   ERR_TOO_MANY_REDIRECTS  more than 5, or in a circle
//   ERR_FETCH_TIMEOUT       ERR_FETCH_FAILED (names, connections, TLS, broken answers, proxies)
//   ERR_IO                  the browser could not be started, or crashed (only with options.render)
//   ERR_SHUTTING_DOWN       cancelled; and whatever before_request returned
// The arena needs room for max_body_bytes + FETCH_EXTRA_BYTES (by default FETCH_ARENA_BYTES).
MUST_CHECK enum err fetch_page(struct fetcher *fetcher, const struct fetch_request *request,
                               struct arena *arena, struct fetch_result *ret_result);
