#include "api/scrape/fetch_internal.h"
#include "api/scrape/render.h"

static enum err get(struct fetch_attempt *attempt, struct slice url,
                    struct http_client_response *ret_response)
{
    struct fetcher *fetcher = attempt->fetcher;
    struct luma_url target;
    uint32_t crawl_delay_ms = 0;
    const struct http_header headers[] = {{SLICE("Accept"), SLICE("*/*")}};
    enum err err = luma_url_canonicalise(fetcher->options->rules, fetcher->work, url, &target,
                                         &attempt->result->error);
    if (!err)
        err = fetch_check_robots(attempt, &target, &crawl_delay_ms);
    if (err)
        return err;
    const struct fetch_step step = {
        .target = &target,
        .headers = headers,
        .header_count = ARRAY_LEN(headers),
        .max_body_bytes = RENDER_MAX_RESOURCE_BYTES,
        .crawl_delay_ms = crawl_delay_ms,
    };
    return fetch_send(attempt, &step, ret_response);
}

// A part of the page that cannot be had is the page's loss: the result stays that of the page.
static enum err load(void *user, struct slice url, struct arena *arena, struct slice *ret_body,
                     struct slice *ret_content_type, int *ret_status, struct error *ret_error)
{
    struct fetch_attempt *attempt = user;
    struct fetch_result *result = attempt->result, kept = *result;
    struct http_client_response response = {0};
    enum err err = get(attempt, url, &response);
    if (err)
        *ret_error = result->error;
    kept.requests = result->requests;
    kept.wire_bytes = result->wire_bytes;
    kept.duration_ms = result->duration_ms;
    *result = kept;
    if (err)
        return err;
    *ret_body = arena_slice(arena, response.body);
    *ret_content_type = arena_slice(arena, response.content_type);
    *ret_status = response.status;
    return ERR_OK;
}

enum err fetch_render(struct fetch_attempt *attempt, const struct luma_url *target,
                      struct arena *arena)
{
    const struct fetch_options *options = attempt->fetcher->options;
    struct fetch_result *result = attempt->result;
    const struct render_options render = {
        .browser = options->browser,
        .timeout_ms = options->render_timeout_ms,
        .max_bytes = options->max_body_bytes ? options->max_body_bytes : FETCH_MAX_BODY_BYTES,
        .cancel = options->cancel,
        .load = load,
        .user = attempt,
    };
    if (!render_is_needed(result->body))
        return ERR_OK;
    enum err err =
        render_page(&render, target->canonical, result->body, arena, &result->body, &result->error);
    if (err)
        return err;
    result->rendered = true;
    // The frame says nothing about what its scripts will find next time.
    result->etag = result->last_modified = (struct slice){0};
    digest_sha256_hex(result->body, result->content_hash);
    return ERR_OK;
}
