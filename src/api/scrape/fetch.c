#include "api/scrape/fetch.h"

#include "api/scrape/fetch_answer.h"
#include "api/scrape/fetch_internal.h"
#include "api/scrape/robots.h"
#include "lib/base/clock.h"
#include "lib/base/ensure.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_PAGE_TIMEOUT_MS = 60000,
    WORK_ARENA_BYTES = 16 * 1024 * 1024, // addresses of at most 36 requests, several copies of each
    ANSWER_EXTRA_BYTES = ROBOTS_MAX_BYTES + 1024 * 1024, // beyond the body
    MAX_PAGE_HEADERS = 5,
};

static size_t max_body_bytes(const struct fetch_options *options)
{
    return options->max_body_bytes ? options->max_body_bytes : FETCH_MAX_BODY_BYTES;
}

static uint32_t page_timeout_ms(const struct fetch_options *options)
{
    if (options->page_timeout_ms)
        return options->page_timeout_ms;
    return options->request_timeout_ms > DEFAULT_PAGE_TIMEOUT_MS / 2
               ? 2 * options->request_timeout_ms
               : DEFAULT_PAGE_TIMEOUT_MS;
}

enum err fetcher_new(const struct fetch_options *options, const struct fetch_hooks *hooks,
                     struct fetcher **ret_fetcher, struct error *ret_error)
{
    struct http_client *client;
    enum err err = http_client_new(&client, ret_error);
    if (err != ERR_OK)
        return err;
    struct fetcher *fetcher = calloc(1, sizeof *fetcher);
    ensure(fetcher && options->rules);
    fetcher->options = options;
    if (hooks)
        fetcher->hooks = *hooks;
    ensure(!fetcher->hooks.robots_load == !fetcher->hooks.robots_store);
    fetcher->client = client;
    fetcher->robots_cache = options->robots_cache;
    if (!fetcher->robots_cache && !fetcher->hooks.robots_load)
        fetcher->robots_cache = fetcher->own_robots_cache = robots_cache_new();
    fetcher->work = arena_new(WORK_ARENA_BYTES);
    fetcher->answer = arena_new(max_body_bytes(options) + ANSWER_EXTRA_BYTES);
    *ret_fetcher = fetcher;
    return ERR_OK;
}

void fetcher_free(struct fetcher *fetcher)
{
    if (!fetcher)
        return;
    http_client_free(fetcher->client);
    robots_cache_free(fetcher->own_robots_cache);
    arena_free(fetcher->work);
    arena_free(fetcher->answer);
    free(fetcher);
}

// Validators come from servers: what is too long or no text is as good as none.
static bool is_sane_validator(struct slice value)
{
    if (value.len == 0 || value.len > FETCH_MAX_VALIDATOR_BYTES)
        return false;
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
            return false;
    return true;
}

static size_t page_headers(const struct fetch_request *request, bool conditional,
                           struct http_header headers[static MAX_PAGE_HEADERS])
{
    size_t count = 0;
    headers[count++] =
        (struct http_header){SLICE("Accept"), SLICE("text/html,application/xhtml+xml;q=0.9")};
    headers[count++] = (struct http_header){SLICE("Accept-Language"), SLICE("en,*;q=0.5")};
    if (request->force)
        headers[count++] = (struct http_header){SLICE("Cache-Control"), SLICE("no-cache")};
    if (conditional && is_sane_validator(request->etag))
        headers[count++] = (struct http_header){SLICE("If-None-Match"), request->etag};
    if (conditional && is_sane_validator(request->last_modified))
        headers[count++] = (struct http_header){SLICE("If-Modified-Since"), request->last_modified};
    return count;
}

// The snapshot's validators mean something at the address it came from, and nowhere else.
static bool asks_conditionally(const struct fetch_request *request, const struct luma_url *target)
{
    struct slice snapshot_url = request->snapshot_url.len ? request->snapshot_url : request->url;
    return !request->force &&
           (is_sane_validator(request->etag) || is_sane_validator(request->last_modified)) &&
           slice_equal(target->canonical, snapshot_url);
}

enum err fetch_redirect_target(struct fetch_attempt *attempt,
                               const struct http_client_response *response,
                               struct luma_url *ret_target)
{
    struct fetcher *fetcher = attempt->fetcher;
    struct error *error = &attempt->result->error;
    struct slice sent = http_header_get(&response->headers, "Location");
    if (!response->location.ptr && !sent.len) {
        attempt->final = true;
        return error_set(error, ERR_UPSTREAM_ERROR, "a redirect that leads nowhere");
    }
    enum luma_url_reason reason =
        response->location.ptr
            ? luma_url_check(fetcher->options->rules, fetcher->work, response->location, ret_target)
            : LUMA_URL_NOT_A_URL;
    if (reason == LUMA_URL_FINE)
        return ERR_OK;
    // Sites hand their visitors over to a login on another host.
    struct url url;
    if (response->location.ptr && url_parse(fetcher->work, response->location, &url) == URL_FINE &&
        fetch_is_login_path(url.path))
        return error_set(error, ERR_LOGIN_WALL, "the site redirects to its sign-in page");
    return error_set(error, ERR_URL_NOT_ALLOWED, "the site redirects to %.*s: %s",
                     sent.len < 100 ? (int)sent.len : 100, sent.ptr, luma_url_reason_text(reason));
}

static struct slice keep(struct arena *arena, struct slice value, size_t max_bytes)
{
    return value.len && value.len <= max_bytes ? arena_slice(arena, value) : (struct slice){0};
}

static struct slice keep_validator(struct arena *arena, const struct http_client_response *response,
                                   const char *name)
{
    struct slice value = http_header_get(&response->headers, name);
    return is_sane_validator(value) ? arena_slice(arena, value) : (struct slice){0};
}

// The last answer of the attempt: neither a redirect nor a failure of the network.
static enum err take_answer(struct fetch_attempt *attempt, struct arena *arena,
                            const struct http_client_response *response, bool conditional)
{
    struct fetch_result *result = attempt->result;
    struct answer_meaning meaning = fetch_status_meaning(response->status, conditional);
    result->content_type = keep(arena, response->content_type, FETCH_MAX_VALIDATOR_BYTES);
    if (meaning.err != ERR_OK) {
        result->retry_after_ms =
            http_retry_after_ms(http_header_get(&response->headers, "Retry-After"), clock_unix_ms(),
                                FETCH_MAX_RETRY_AFTER_MS);
        attempt->final = !meaning.retry;
        return error_set(&result->error, meaning.err, "status %d: %s", response->status,
                         meaning.text);
    }
    result->etag = keep_validator(arena, response, "ETag");
    result->last_modified = keep_validator(arena, response, "Last-Modified");
    result->not_modified = response->status == 304;
    if (result->not_modified)
        return ERR_OK;
    if (response->body.len == 0)
        return error_set(&result->error, ERR_UPSTREAM_ERROR, "the answer is empty");
    if (!fetch_is_html(response->content_type, response->body))
        return error_set(&result->error, ERR_NOT_HTML, "the answer is not an HTML page (%.*s)",
                         response->content_type.len < 80 ? (int)response->content_type.len : 80,
                         response->content_type.len ? response->content_type.ptr : "");
    result->body = arena_slice(arena, response->body);
    digest_sha256_hex(result->body, result->content_hash);
    return ERR_OK;
}

// Follows the redirect: *target becomes where it leads. `seen` holds the addresses requested so far.
static enum err follow(struct fetch_attempt *attempt, struct arena *arena,
                       const struct http_client_response *response, struct luma_url *target,
                       struct slice seen[static FETCH_MAX_REDIRECTS + 1])
{
    struct fetch_result *result = attempt->result;
    seen[result->hop_count] = target->fetch;
    enum err err = fetch_redirect_target(attempt, response, target);
    if (err != ERR_OK)
        return err;
    if (fetch_is_login_path(target->parts.path))
        return error_set(&result->error, ERR_LOGIN_WALL, "the site redirects to its sign-in page");
    for (size_t i = 0; i <= result->hop_count; i++)
        if (slice_equal(seen[i], target->fetch))
            return error_set(&result->error, ERR_TOO_MANY_REDIRECTS,
                             "the redirects lead in a circle");
    if (result->hop_count == FETCH_MAX_REDIRECTS)
        return error_set(&result->error, ERR_TOO_MANY_REDIRECTS, "more than %d redirects",
                         FETCH_MAX_REDIRECTS);
    result->url = arena_slice(arena, target->canonical);
    result->hops[result->hop_count++] =
        (struct fetch_hop){.status = response->status, .url = result->url};
    return ERR_OK;
}

// From the first address to the last answer.
static enum err walk(struct fetch_attempt *attempt, struct arena *arena, struct luma_url *target)
{
    struct fetch_result *result = attempt->result;
    struct slice seen[FETCH_MAX_REDIRECTS + 1];
    for (;;) {
        uint32_t crawl_delay_ms;
        enum err err = fetch_check_robots(attempt, target, &crawl_delay_ms);
        if (err != ERR_OK)
            return err;
        struct http_header headers[MAX_PAGE_HEADERS];
        struct http_client_response response;
        bool conditional = asks_conditionally(attempt->request, target);
        struct fetch_step step = {
            .target = target,
            .headers = headers,
            .header_count = page_headers(attempt->request, conditional, headers),
            .max_body_bytes = max_body_bytes(attempt->fetcher->options),
            .crawl_delay_ms = crawl_delay_ms,
        };
        err = fetch_send(attempt, &step, &response);
        result->status = response.status;
        if (err != ERR_OK)
            return err;
        if (!fetch_is_redirect(response.status))
            return take_answer(attempt, arena, &response, conditional);
        err = follow(attempt, arena, &response, target, seen);
        if (err != ERR_OK)
            return err;
    }
}

enum err fetch_page(struct fetcher *fetcher, const struct fetch_request *request,
                    struct arena *arena, struct fetch_result *ret_result)
{
    *ret_result = (struct fetch_result){0};
    const struct fetch_options *options = fetcher->options;
    struct fetch_attempt attempt = {
        .fetcher = fetcher,
        .request = request,
        .result = ret_result,
        .budget_ms = page_timeout_ms(options),
    };
    arena_reset(fetcher->work);
    struct luma_url given, target;
    enum err err = luma_url_canonicalise(options->rules, fetcher->work, request->url, &given,
                                         &ret_result->error);
    // What is sent first is the canonical form as well: it has no visitor's keys in it.
    if (err == ERR_OK)
        err = luma_url_canonicalise(options->rules, fetcher->work, given.canonical, &target,
                                    &ret_result->error);
    if (err == ERR_OK) {
        ret_result->url = arena_slice(arena, target.canonical);
        err = walk(&attempt, arena, &target);
    }
    if (err == ERR_OK && options->render && !ret_result->not_modified)
        err = fetch_render(&attempt, &target, arena);
    ret_result->retry =
        err != ERR_OK && error_info(err)->retry == ERROR_RETRY_BACKOFF && !attempt.final;
    arena_reset(fetcher->answer);
    return err;
}
