// Addresses: what passes is a fixed point of the rules, of an allowed host, and read in the same way by the
// client's parser.
#include "api/scrape/luma_url.h"

#include "lib/base/ensure.h"

#include <curl/curl.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(struct slice host, struct slice name)
{
    return slice_equal(host, name) || (host.len > name.len && slice_ends_with(host, name) &&
                                       host.ptr[host.len - name.len - 1] == '.');
}

static void check_client_agrees(struct slice address, struct slice host)
{
    char *seen = NULL;
    CURLU *handle = curl_url();
    ensure(handle);
    ensure(curl_url_set(handle, CURLUPART_URL, address.ptr, 0) == CURLUE_OK);
    ensure(curl_url_get(handle, CURLUPART_HOST, &seen, 0) == CURLUE_OK);
    ensure(slice_equal(slice_from_cstr(seen), host));
    curl_free(seen);
    curl_url_cleanup(handle);
}

static void check_accepted(const struct luma_url_rules *rules, struct arena *arena,
                           const struct luma_url *url)
{
    struct slice lu_ma = SLICE("lu.ma"), luma_com = SLICE("luma.com"),
                 example = SLICE("example.com");
    struct luma_url again;
    ensure(is_within(url->parts.host, lu_ma) || is_within(url->parts.host, luma_com) ||
           is_within(url->parts.host, example));
    ensure(is_within(url->site, luma_com) || is_within(url->site, example));
    ensure(url->canonical.len <= LUMA_URL_MAX_BYTES);
    ensure(!url->is_luma || slice_starts_with(url->canonical, SLICE("https://")));
    ensure(!url->is_luma || slice_find_char(url->canonical, '?') == SIZE_MAX);
    ensure(slice_find_char(url->canonical, '#') == SIZE_MAX);
    ensure(luma_url_check(rules, arena, url->canonical, &again) == LUMA_URL_FINE);
    ensure(slice_equal(again.canonical, url->canonical));
    ensure(luma_url_check(rules, arena, url->fetch, &again) == LUMA_URL_FINE);
    ensure(slice_equal(again.canonical, url->canonical));
    ensure(slice_equal(again.fetch, url->fetch));
    check_client_agrees(url->fetch, url->parts.host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct luma_url_rules *rules;
    if (!rules)
        ensure(luma_url_rules_new(SLICE("lu.ma luma.com example.com"), &rules, NULL) == ERR_OK);
    CLEANUP(arena_free_cleanup) struct arena *arena = arena_new(16 * 1024 * 1024);
    struct slice text = {size ? (const char *)data : "", size};
    struct luma_url url;
    if (luma_url_check(rules, arena, text, &url) == LUMA_URL_FINE)
        check_accepted(rules, arena, &url);

    // The same bytes as a reference on a page, and as a list of hosts.
    struct url base, resolved;
    ensure(url_parse(arena, SLICE("https://luma.com/a/b?c"), &base) == URL_FINE);
    if (url_resolve(arena, &base, text, &resolved) == URL_FINE) {
        struct url again;
        struct slice written = url_write(arena, &resolved);
        if (url_parse(arena, written, &again) == URL_FINE)
            ensure(slice_equal(url_write(arena, &again), written));
        else
            ensure(written.len > URL_MAX_BYTES);
    }
    struct luma_url_rules *other;
    if (luma_url_rules_new(text, &other, NULL) == ERR_OK)
        luma_url_rules_free(other);
    return 0;
}
