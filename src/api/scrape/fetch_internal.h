// Between the files of the fetcher: fetch.c (one page), fetch_request.c (one request), fetch_robots.c.
#pragma once

#include "api/scrape/fetch.h"

struct fetcher {
    const struct fetch_options *options;
    struct fetch_hooks hooks;
    struct http_client *client;
    struct robots_cache *robots_cache; // the shared one or our own
    struct robots_cache *own_robots_cache;
    struct arena *work;   // addresses of the attempt under way
    struct arena *answer; // the last answer, or a robots.txt: emptied by the next request
};

// An attempt under way.
struct fetch_attempt {
    struct fetcher *fetcher;
    const struct fetch_request *request;
    struct fetch_result *result;
    uint32_t budget_ms; // left of page_timeout_ms
    bool final;         // failed for good, though errors of its kind usually pass
};

// One request of the attempt.
struct fetch_step {
    const struct luma_url *target;
    const struct http_header *headers;
    size_t header_count;
    size_t max_body_bytes;
    bool truncate, is_robots_txt;
    uint32_t crawl_delay_ms;
};

// Sends it, wherever it has to go: before_request, override, proxies, one repetition when the connection was
// closed unanswered. Any HTTP status is a success. The response lives in fetcher->answer; its location is
// seen from outside (an override undone). Errors: see http_client_send, and the hook's.
MUST_CHECK enum err fetch_send(struct fetch_attempt *attempt, const struct fetch_step *step,
                               struct http_client_response *ret_response);

// May the target be read? Fetches robots.txt of its origin when it is not known. Errors: ERR_ROBOTS_DENIED,
// or that of a robots.txt that cannot be had (retry_after_ms is set then).
MUST_CHECK enum err fetch_check_robots(struct fetch_attempt *attempt, const struct luma_url *target,
                                       uint32_t *ret_crawl_delay_ms);

// The address a redirect leads to, checked against the rules: it lives in fetcher->work. An error of the
// result otherwise.
MUST_CHECK enum err fetch_redirect_target(struct fetch_attempt *attempt,
                                          const struct http_client_response *response,
                                          struct luma_url *ret_target);

// Runs the page of the result in a browser when it carries no data without its scripts; the body becomes what that
// shows. What the page loads goes through fetch_send, under the rules for pages.
MUST_CHECK enum err fetch_render(struct fetch_attempt *attempt, const struct luma_url *target,
                                 struct arena *arena);
