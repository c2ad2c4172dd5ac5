#include "api/scrape/fetch_internal.h"
#include "lib/base/clock.h"

#include <string.h>

enum { DEFAULT_REQUEST_TIMEOUT_MS = 30000, DEFAULT_STALL_TIMEOUT_MS = 15000 };

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value ? value : fallback;
}

static enum err take_turn(struct fetch_attempt *attempt, const struct fetch_step *step)
{
    const struct fetch_hooks *hooks = &attempt->fetcher->hooks;
    if (!hooks->before_request)
        return ERR_OK;
    struct fetch_visit visit = {
        .site = step->target->site,
        .url = step->target->canonical,
        .is_robots_txt = step->is_robots_txt,
        .crawl_delay_ms = step->crawl_delay_ms,
    };
    struct error error = {0};
    enum err err = hooks->before_request(hooks->user, &visit, &error);
    if (err != ERR_OK)
        error_set(&attempt->result->error, err, "%s", error.detail);
    return err;
}

static struct http_client_request client_request(struct fetch_attempt *attempt,
                                                 const struct fetch_step *step)
{
    const struct fetch_options *options = attempt->fetcher->options;
    struct slice url = step->target->fetch;
    bool overridden = origin_override_apply(options->override, attempt->fetcher->work,
                                            &step->target->parts, &url);
    uint32_t timeout_ms = or_default(options->request_timeout_ms, DEFAULT_REQUEST_TIMEOUT_MS);
    return (struct http_client_request){
        .url = url.ptr,
        .headers = step->headers,
        .header_count = step->header_count,
        .max_body_bytes = step->max_body_bytes,
        .truncate = step->truncate,
        .connect_timeout_ms = options->connect_timeout_ms,
        .total_timeout_ms = timeout_ms < attempt->budget_ms ? timeout_ms : attempt->budget_ms,
        .stall_timeout_ms = or_default(options->stall_timeout_ms, DEFAULT_STALL_TIMEOUT_MS),
        .public_only = !overridden,
        .cancel = options->cancel,
        .resolve = options->resolve,
    };
}

// Once, through one proxy or directly.
static enum err send_once(struct fetch_attempt *attempt, struct http_client_request *request,
                          struct http_client_response *ret_response)
{
    struct fetcher *fetcher = attempt->fetcher;
    if (attempt->budget_ms == 0)
        return error_set(&attempt->result->error, ERR_FETCH_TIMEOUT,
                         "the time for the page is used up");
    if (request->total_timeout_ms > attempt->budget_ms)
        request->total_timeout_ms = attempt->budget_ms;
    arena_reset(fetcher->answer);
    enum err err = http_client_send(fetcher->client, request, fetcher->answer, ret_response,
                                    &attempt->result->error);
    struct fetch_result *result = attempt->result;
    result->requests++;
    result->wire_bytes += ret_response->wire_bytes;
    result->duration_ms += ret_response->duration_ms;
    attempt->budget_ms -= ret_response->duration_ms < attempt->budget_ms ? ret_response->duration_ms
                                                                         : attempt->budget_ms;
    return err;
}

// A proxy that cannot be used makes way for the next one, without a new turn: the site has seen nothing.
static enum err send_through_proxies(struct fetch_attempt *attempt,
                                     struct http_client_request *request,
                                     struct http_client_response *ret_response)
{
    struct proxy_pool *pool = attempt->fetcher->options->proxies;
    struct fetch_result *result = attempt->result;
    if (!pool)
        return send_once(attempt, request, ret_response);
    enum err err = ERR_OK;
    for (int tried = 0; tried < FETCH_MAX_PROXIES_TRIED; tried++) {
        size_t number;
        uint32_t wait_ms;
        if (!proxy_pool_take(pool, clock_monotonic_ms(), &number, &wait_ms)) {
            if (tried > 0)
                return err;
            result->retry_after_ms = wait_ms;
            return error_set(&result->error, ERR_FETCH_FAILED,
                             "all %zu proxies rest after failures", proxy_pool_count(pool));
        }
        result->proxy = proxy_pool_name(pool, number);
        request->proxy = proxy_pool_url(pool, number);
        err = send_once(attempt, request, ret_response);
        if (ret_response->proxy_failed || ret_response->status != 0)
            proxy_pool_report(pool, number, !ret_response->proxy_failed, clock_monotonic_ms());
        if (!ret_response->proxy_failed)
            return err;
    }
    return err;
}

enum err fetch_send(struct fetch_attempt *attempt, const struct fetch_step *step,
                    struct http_client_response *ret_response)
{
    struct http_client_request request = client_request(attempt, step);
    struct fetcher *fetcher = attempt->fetcher;
    enum err err;
    bool again = false;
    do {
        *ret_response = (struct http_client_response){0};
        err = take_turn(attempt, step);
        if (err == ERR_OK)
            err = send_through_proxies(attempt, &request, ret_response);
        // Servers close idle or overcrowded connections: that alone is no reason to give the attempt up.
        again = !again && err == ERR_FETCH_FAILED && ret_response->closed_unanswered;
    } while (again);
    if (err == ERR_OK) {
        attempt->result->error = (struct error){0};
        if (ret_response->location.ptr)
            ret_response->location = origin_override_undo(fetcher->options->override, fetcher->work,
                                                          ret_response->location);
    }
    return err;
}
