#include "lib/web/web.h"

#include "lib/base/ensure.h"

#include <string.h>

static const struct web_asset *find(struct slice path)
{
    for (size_t i = 0; i < web_asset_count; i++)
        if (slice_equal(slice_from_cstr(web_assets[i].path), path))
            return &web_assets[i];
    return NULL;
}

void web_answer_page(struct route_call *call, const char *page)
{
    const struct web_asset *asset = find(slice_from_cstr(page));
    ensure(asset != NULL);
    const struct http_response response = {
        .status = 200,
        .content_type = asset->content_type,
        .body = asset->body,
        .headers =
            {
                {SLICE("Content-Security-Policy"),
                 SLICE("default-src 'none'; script-src 'self'; style-src 'self'; "
                       "img-src 'self' https: data:; connect-src 'self'; form-action 'self'; "
                       "base-uri 'none'; frame-ancestors 'none'")},
                {SLICE("X-Content-Type-Options"), SLICE("nosniff")},
                {SLICE("Referrer-Policy"), SLICE("no-referrer")},
            },
    };
    http_respond(call->exchange, &response);
}

static void get_asset(struct route_call *call)
{
    const struct web_asset *asset = find(call->exchange->path);
    if (!asset) {
        http_respond_problem(call->exchange, ERR_NOT_FOUND, "there is no such file", NULL, 0);
        return;
    }
    const struct http_response response = {
        .status = 200,
        .content_type = asset->content_type,
        .body = asset->body,
        .headers = {{SLICE("Cache-Control"), SLICE("public, max-age=31536000, immutable")},
                    {SLICE("X-Content-Type-Options"), SLICE("nosniff")}},
    };
    http_respond(call->exchange, &response);
}

static const struct route_param asset_params[] = {
    {"name", ROUTE_IN_PATH, ROUTE_TEXT, .required = true, .doc = "Name of the file, with a hash."},
};

const struct route web_routes[] = {
    {HTTP_METHOD_GET, "/assets/:name", ROUTE_OPEN, "pages", "Scripts and styles of the pages.",
     .params = {ROUTE_PARAMS(asset_params)}, .handler = get_asset, .content_type = "*/*"},
};
const size_t web_route_count = ARRAY_LEN(web_routes);
