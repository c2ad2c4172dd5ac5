#include "api/scrape/origin.h"

#include "api/scrape/luma_url.h"
#include "lib/base/ensure.h"

#include <stdlib.h>

enum {
    MAX_TEXT_BYTES = 16 * 1024,
    OVERRIDE_ARENA_BYTES = 1024 * 1024,
    MAX_UNDONE_BYTES = 2 * LUMA_URL_MAX_BYTES, // longer addresses are refused anyway
};

struct pair {
    struct url from, to;
};

struct origin_override {
    struct arena *arena; // of the parts
    size_t count;
    struct pair pairs[ORIGIN_OVERRIDE_MAX];
};

// An origin is a URL with nothing behind the port.
static bool read_origin(struct arena *arena, struct slice text, struct url *ret_url)
{
    return url_parse(arena, text, ret_url) == URL_FINE && !ret_url->user.ptr &&
           !ret_url->password.ptr && slice_equal(ret_url->path, SLICE("/")) &&
           !ret_url->query.ptr && !ret_url->fragment.ptr;
}

// On Luma's names the scheme is https whatever was written, as in luma_url.c.
static struct url site_of(struct arena *arena, const struct url *url)
{
    bool is_luma;
    struct url site = *url;
    site.host = luma_url_site(arena, url->host, &is_luma);
    if (is_luma && site.port_is_default) {
        site.scheme = SLICE("https");
        site.port = 443;
    }
    return site;
}

static bool same_origin(const struct url *a, const struct url *b)
{
    return slice_equal(a->scheme, b->scheme) && slice_equal(a->host, b->host) && a->port == b->port;
}

static bool read_pair(struct arena *arena, struct slice text, struct pair *ret_pair)
{
    struct url from;
    size_t middle = slice_find_char(text, '=');
    if (middle == SIZE_MAX || !read_origin(arena, slice_sub(text, 0, middle), &from) ||
        !read_origin(arena, slice_sub(text, middle + 1, SIZE_MAX), &ret_pair->to))
        return false;
    ret_pair->from = site_of(arena, &from);
    return true;
}

enum err origin_override_new(struct slice text, struct origin_override **ret_override,
                             struct error *ret_error)
{
    *ret_override = NULL;
    if (text.len > MAX_TEXT_BYTES)
        return error_set(ret_error, ERR_CONFIG_INVALID, "the origin overrides are too long");
    struct origin_override *override = calloc(1, sizeof *override);
    ensure(override);
    override->arena = arena_new(OVERRIDE_ARENA_BYTES);
    enum err err = ERR_OK;
    struct slice part;
    while (err == ERR_OK && slice_split_next(&text, ',', &part)) {
        part = slice_trim(part);
        if (part.len == 0)
            continue;
        if (override->count == ORIGIN_OVERRIDE_MAX)
            err = error_set(ret_error, ERR_CONFIG_INVALID, "more than %d origin overrides",
                            ORIGIN_OVERRIDE_MAX);
        else if (!read_pair(override->arena, part, &override->pairs[override->count++]))
            err = error_set(ret_error, ERR_CONFIG_INVALID,
                            "an origin override looks like https://luma.com=http://127.0.0.1:8099");
    }
    if (err != ERR_OK || override->count == 0)
        origin_override_free(override);
    else
        *ret_override = override;
    return err;
}

void origin_override_free(struct origin_override *override)
{
    if (!override)
        return;
    arena_free(override->arena);
    free(override);
}

// The same path and query at another origin.
static struct slice at_origin(struct arena *arena, const struct url *url, const struct url *origin)
{
    struct url moved = *url;
    moved.scheme = origin->scheme;
    moved.host = origin->host;
    moved.host_kind = origin->host_kind;
    moved.port = origin->port;
    moved.port_is_default = origin->port_is_default;
    return url_write(arena, &moved);
}

bool origin_override_apply(const struct origin_override *override, struct arena *arena,
                           const struct url *url, struct slice *ret_url)
{
    struct url site = override ? site_of(arena, url) : (struct url){0};
    for (size_t i = 0; override && i < override->count; i++) {
        if (!same_origin(&site, &override->pairs[i].from))
            continue;
        *ret_url = at_origin(arena, url, &override->pairs[i].to);
        return true;
    }
    return false;
}

struct slice origin_override_undo(const struct origin_override *override, struct arena *arena,
                                  struct slice text)
{
    struct url url;
    if (!override || text.len > MAX_UNDONE_BYTES || url_parse(arena, text, &url) != URL_FINE)
        return text;
    for (size_t i = 0; i < override->count; i++)
        if (same_origin(&url, &override->pairs[i].to))
            return at_origin(arena, &url, &override->pairs[i].from);
    return text;
}
