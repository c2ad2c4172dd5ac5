#include "api/scrape/fetch_answer.h"
#include "api/scrape/fetch_internal.h"
#include "api/scrape/robots.h"
#include "lib/base/clock.h"

enum {
    FRESH_MS = 24 * 60 * 60 * 1000, // RFC 9309 2.4
    // A file that cannot be had is not asked for again by every job that waits for the site.
    FRESH_FAILURE_MS = 10 * 1000,
    // While the site is in trouble an older file is better than none (RFC 9309 2.4).
    USABLE_MS = 7 * FRESH_MS,
};

// What a robots.txt answer says about the whole site (RFC 9309 2.3.1).
enum availability { READ_IT, NO_RULES, UNREACHABLE };

static enum availability availability_of(int status)
{
    if (status >= 200 && status <= 299)
        return READ_IT;
    // "Too many requests" is the overload of the fives in other words.
    return status >= 300 && status <= 499 && status != 429 ? NO_RULES : UNREACHABLE;
}

static bool load(struct fetcher *fetcher, struct slice origin, struct robots_file *ret_file)
{
    arena_reset(fetcher->answer);
    *ret_file = (struct robots_file){0};
    const struct fetch_hooks *hooks = &fetcher->hooks;
    return hooks->robots_load
               ? hooks->robots_load(hooks->user, origin, fetcher->answer, ret_file)
               : robots_cache_load(fetcher->robots_cache, origin, fetcher->answer, ret_file);
}

static void store(struct fetcher *fetcher, struct slice origin, const struct robots_file *file)
{
    const struct fetch_hooks *hooks = &fetcher->hooks;
    if (hooks->robots_store)
        hooks->robots_store(hooks->user, origin, file);
    else
        robots_cache_store(fetcher->robots_cache, origin, file);
}

static int64_t age_ms(const struct robots_file *file)
{
    int64_t age = clock_unix_ms() - file->fetched_unix_ms;
    return age < 0 ? INT64_MAX : age; // from the future: the clock was set, trust nothing
}

// Follows redirects within the rules. The body lives in fetcher->answer.
static enum err download(struct fetch_attempt *attempt, struct slice origin,
                         struct robots_file *ret_file, uint32_t *ret_retry_after_ms)
{
    struct fetcher *fetcher = attempt->fetcher;
    struct http_client_response response = {0};
    struct luma_url target;
    struct slice address =
        slice_from_cstr(arena_printf(fetcher->work, "%.*s/robots.txt", SLICE_FMT(origin)));
    enum err err = luma_url_canonicalise(fetcher->options->rules, fetcher->work, address, &target,
                                         &attempt->result->error);
    for (int hops = 0; err == ERR_OK; hops++) {
        struct fetch_step step = {
            .target = &target,
            .max_body_bytes =
                ROBOTS_MAX_BYTES + 1, // the one tells robots_allows that there was more
            .truncate = true,
            .is_robots_txt = true,
        };
        err = fetch_send(attempt, &step, &response);
        // Too many redirects are as good as no file (RFC 9309 2.3.1.2).
        if (err != ERR_OK || !fetch_is_redirect(response.status) || hops == FETCH_MAX_REDIRECTS)
            break;
        err = fetch_redirect_target(attempt, &response, &target);
    }
    *ret_file = (struct robots_file){.fetched_unix_ms = clock_unix_ms()};
    if (err != ERR_OK)
        return err;
    ret_file->status = response.status;
    if (availability_of(response.status) == READ_IT)
        ret_file->body = response.body;
    *ret_retry_after_ms = http_retry_after_ms(http_header_get(&response.headers, "Retry-After"),
                                              ret_file->fetched_unix_ms, FETCH_MAX_RETRY_AFTER_MS);
    return ERR_OK;
}

// The network's failures are known about the site; refusals by our own rules, and our own end, are not.
static bool is_about_the_site(enum err err)
{
    return err == ERR_OK || err == ERR_FETCH_FAILED || err == ERR_FETCH_TIMEOUT;
}

// Loaded, else downloaded, else the old one when there is no newer.
static enum err get_file(struct fetch_attempt *attempt, struct slice origin,
                         struct robots_file *ret_file, uint32_t *ret_retry_after_ms)
{
    struct fetcher *fetcher = attempt->fetcher;
    bool known = load(fetcher, origin, ret_file);
    bool good = known && availability_of(ret_file->status) != UNREACHABLE;
    int64_t age = age_ms(ret_file);
    if (known && age < (good ? FRESH_MS : FRESH_FAILURE_MS))
        return ERR_OK;

    bool old_is_usable = good && age < USABLE_MS;
    enum err err = download(attempt, origin, ret_file, ret_retry_after_ms);
    bool reached = err == ERR_OK && availability_of(ret_file->status) != UNREACHABLE;
    if (is_about_the_site(err) && (reached || !old_is_usable))
        store(fetcher, origin, ret_file);
    if (!reached && old_is_usable && is_about_the_site(err) && load(fetcher, origin, ret_file))
        return ERR_OK;
    if (err != ERR_OK) {
        struct error inner = attempt->result->error;
        error_set(&attempt->result->error, err, "robots.txt: %s", inner.detail);
    }
    return err;
}

static enum err fail_unreachable(struct fetch_attempt *attempt, int status, uint32_t retry_after_ms)
{
    struct fetch_result *result = attempt->result;
    result->retry_after_ms = retry_after_ms;
    if (status == 0)
        return error_set(&result->error, ERR_FETCH_FAILED, "robots.txt could not be fetched");
    return error_set(&result->error,
                     status == 429 || status == 503 ? ERR_UPSTREAM_BUSY : ERR_UPSTREAM_ERROR,
                     "robots.txt was answered with status %d", status);
}

enum err fetch_check_robots(struct fetch_attempt *attempt, const struct luma_url *target,
                            uint32_t *ret_crawl_delay_ms)
{
    struct arena *work = attempt->fetcher->work;
    struct robots_file file;
    uint32_t retry_after_ms = 0;
    *ret_crawl_delay_ms = 0;
    enum err err =
        get_file(attempt, url_write_origin(work, &target->parts), &file, &retry_after_ms);
    if (err != ERR_OK)
        return err;
    switch (availability_of(file.status)) {
    case NO_RULES:
        return ERR_OK;
    case UNREACHABLE:
        return fail_unreachable(attempt, file.status, retry_after_ms);
    case READ_IT:
        break;
    }
    struct slice path = target->parts.path;
    if (target->parts.query.ptr)
        path = slice_from_cstr(
            arena_printf(work, "%.*s?%.*s", SLICE_FMT(path), SLICE_FMT(target->parts.query)));
    if (robots_allows(file.body, SLICE(FETCH_ROBOTS_TOKEN), path, ret_crawl_delay_ms))
        return ERR_OK;
    return error_set(&attempt->result->error, ERR_ROBOTS_DENIED,
                     "robots.txt of %.*s forbids this page", SLICE_FMT(target->site));
}
