// The fetcher: pages, redirects, conditional requests, refusals, proxies.
#include "lib/base/clock.h"
#include "support/fetch_fixture.h"

static void test_page(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        NO_ROBOTS,
        {.path = "/AbC",
         .bytes = HEAD_OK "ETag: W/\"1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                          "Content-Length: 34\r\n\r\n" PAGE},
    };
    struct fetch_fixture f;
    fetch_fixture_start(&f, rows, ARRAY_LEN(rows));
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://lu.ma/AbC?tk=x")), ERR_OK,
                   "/AbC"); // not even canonical
    assert_int_equal(f.result.status, 200);
    assert_false(f.result.retry);
    assert_false(f.result.not_modified);
    assert_slice_is(f.result.url, "https://luma.com/AbC");
    assert_slice_is(f.result.body, PAGE);
    assert_slice_is(f.result.etag, "W/\"1\"");
    assert_slice_is(f.result.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_slice_is(f.result.content_type, "text/html; charset=utf-8");
    char hash[DIGEST_SHA256_HEX];
    digest_sha256_hex(SLICE(PAGE), hash);
    assert_string_equal(f.result.content_hash, hash);
    assert_int_equal(f.result.hop_count, 0);
    assert_int_equal(f.result.requests, 2);
    assert_int_equal(f.result.wire_bytes, strlen(PAGE));
    assert_null(f.result.proxy);
    assert_int_equal(f.visits, 2);
    assert_string_equal(f.visited[0], "luma.com robots https://luma.com/robots.txt");
    assert_string_equal(f.visited[1], "luma.com https://luma.com/AbC");
    assert_true(scripted_server_saw(f.server, 0, "GET /robots.txt HTTP/1.1"));
    assert_true(scripted_server_saw(f.server, 1, "\r\nUser-Agent: EventDataAPI/0.1 (+https://"));
    assert_true(scripted_server_saw(f.server, 1, "\r\nAccept: text/html"));
    assert_false(scripted_server_saw(f.server, 1, "If-None-Match"));
    fetch_fixture_stop(&f);
}

static void test_statuses(void **state)
{
    (void)state;
    static const struct {
        const char *path, *bytes;
        enum err err;
        int status;
        bool retry;
        uint32_t retry_after_ms;
    } cases[] = {
        {"/404", "HTTP/1.1 404 Not Found\r\n" EMPTY, ERR_PAGE_NOT_FOUND, 404, false, 0},
        {"/410", "HTTP/1.1 410 Gone\r\n" EMPTY, ERR_PAGE_GONE, 410, false, 0},
        {"/401", "HTTP/1.1 401 No\r\n" EMPTY, ERR_LOGIN_WALL, 401, false, 0},
        {"/403", "HTTP/1.1 403 No\r\n" EMPTY, ERR_BLOCKED, 403, true, 0},
        {"/429", "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n" EMPTY, ERR_UPSTREAM_BUSY, 429, true,
         7000},
        {"/503", "HTTP/1.1 503 Busy\r\nRetry-After: 999999\r\n" EMPTY, ERR_UPSTREAM_BUSY, 503, true,
         3600000},
        {"/500", "HTTP/1.1 500 Oops\r\n" EMPTY, ERR_UPSTREAM_ERROR, 500, true, 0},
        {"/400", "HTTP/1.1 400 What\r\n" EMPTY, ERR_UPSTREAM_ERROR, 400, false, 0},
        {"/304", "HTTP/1.1 304 Not Modified\r\n\r\n", ERR_UPSTREAM_ERROR, 304, false, 0},
        {"/300", "HTTP/1.1 300 Choose\r\n" EMPTY, ERR_UPSTREAM_ERROR, 300, false, 0},
        {"/302", "HTTP/1.1 302 Found\r\n" EMPTY, ERR_UPSTREAM_ERROR, 302, false, 0},
        {"/empty", HEAD_OK EMPTY, ERR_UPSTREAM_ERROR, 200, true, 0},
        {"/text", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" PAGE, ERR_NOT_HTML, 200,
         false, 0},
        {"/json", HEAD_OK "\r\n{\"a\":1}", ERR_NOT_HTML, 200, false, 0},
        {"/cut", HEAD_OK "Content-Length: 100\r\n\r\n" PAGE, ERR_FETCH_FAILED, 200, true, 0},
    };
    struct fetch_fixture f;
    fetch_fixture_listen(&f, (struct script_row[]){NO_ROBOTS}, 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        scripted_server_add(f.server,
                            (struct script_row){.path = cases[i].path, .bytes = cases[i].bytes});
    fetch_fixture_begin(&f);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice url =
            slice_from_cstr(arena_printf(f.texts, "https://luma.com%s", cases[i].path));
        assert_outcome(&f, FETCH(&f, .url = url), cases[i].err, cases[i].path);
        assert_int_equal(f.result.status, cases[i].status);
        assert_int_equal(f.result.retry, cases[i].retry);
        assert_int_equal(f.result.retry_after_ms, cases[i].retry_after_ms);
        assert_null(f.result.body.ptr);
        assert_string_equal(f.result.content_hash, "");
        assert_true(slice_equal(f.result.url, url));
    }
    fetch_fixture_stop(&f);
}

static void test_sizes_and_times(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        NO_ROBOTS,
        {.path = "/huge",
         .bytes = HEAD_OK "Transfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n",
         .tail = "40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n",
         .repeat = SIZE_MAX},
        {.path = "/declared",
         .bytes = HEAD_OK "Content-Length: 10485761\r\n\r\n<html>",
         .hang = true},
        {.path = "/slow", .bytes = HEAD_OK "Content-Length: 100\r\n\r\n<html>", .hang = true},
        {.path = "/silent", .hang = true},
    };
    struct fetch_fixture f;
    fetch_fixture_listen(&f, rows, ARRAY_LEN(rows));
    f.options.request_timeout_ms = 20000;
    fetch_fixture_begin(&f);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/huge")), ERR_PAGE_TOO_LARGE,
                   "huge");
    assert_in_range(f.result.wire_bytes, FETCH_MAX_BODY_BYTES, FETCH_MAX_BODY_BYTES + 1024 * 1024);
    assert_false(f.result.retry);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/declared")), ERR_PAGE_TOO_LARGE,
                   "declared");
    f.options.max_body_bytes = 1000;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/huge")), ERR_PAGE_TOO_LARGE,
                   "small");
    assert_in_range(f.result.wire_bytes, 1, 64 * 1024);
    f.options.request_timeout_ms = 100;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/slow")), ERR_FETCH_TIMEOUT, "slow");
    assert_true(f.result.retry);
    f.options.request_timeout_ms = 0;
    f.options.page_timeout_ms = 100;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/silent")), ERR_FETCH_TIMEOUT,
                   "silent");
    assert_in_range(f.result.duration_ms, 90, 10000);
    bool cancel = true;
    f.options.cancel = &cancel;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/silent")), ERR_SHUTTING_DOWN,
                   "cancelled");
    assert_true(f.result.retry);
    fetch_fixture_stop(&f);
}

static void test_conditional(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        NO_ROBOTS,
        {.path = "/old", .bytes = MOVED("/page")},
        {.path = "/page",
         .times = 3,
         .bytes = "HTTP/1.1 304 Not Modified\r\nETag: \"new\"\r\n\r\n"},
        {.path = "/page", .bytes = PAGE_OK},
        {.path = "/gone", .bytes = "HTTP/1.1 410 Gone\r\n" EMPTY},
    };
    struct fetch_fixture f;
    fetch_fixture_start(&f, rows, ARRAY_LEN(rows));
    struct slice page = SLICE("https://luma.com/page"), old = SLICE("https://luma.com/old");
    assert_outcome(&f,
                   FETCH(&f, .url = page, .etag = SLICE("\"1\""),
                         .last_modified = SLICE("Sun, 06 Nov 1994 08:49:37 GMT")),
                   ERR_OK, "both");
    assert_true(f.result.not_modified);
    assert_int_equal(f.result.status, 304);
    assert_null(f.result.body.ptr);
    assert_string_equal(f.result.content_hash, "");
    assert_slice_is(f.result.etag, "\"new\"");
    assert_true(scripted_server_saw(f.server, 1, "\r\nIf-None-Match: \"1\"\r\n"));
    assert_true(scripted_server_saw(f.server, 1,
                                    "\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));

    // The snapshot came through a redirect: its validators belong to the last address alone.
    assert_outcome(&f, FETCH(&f, .url = old, .etag = SLICE("\"1\""), .snapshot_url = page), ERR_OK,
                   "redirected");
    assert_true(f.result.not_modified);
    assert_false(scripted_server_saw(f.server, 2, "If-None-Match"));
    assert_true(scripted_server_saw(f.server, 3, "\r\nIf-None-Match: \"1\"\r\n"));
    // Unless it came from another one, and then 304 is no answer.
    assert_outcome(&f, FETCH(&f, .url = old, .etag = SLICE("\"1\"")), ERR_UPSTREAM_ERROR,
                   "elsewhere");
    assert_true(scripted_server_saw(f.server, 4, "\r\nIf-None-Match: \"1\"\r\n"));
    assert_false(scripted_server_saw(f.server, 5, "If-None-Match"));

    assert_outcome(&f, FETCH(&f, .url = page, .etag = SLICE("\"1\""), .force = true), ERR_OK,
                   "force");
    assert_false(f.result.not_modified);
    assert_false(scripted_server_saw(f.server, 6, "If-None-Match"));
    assert_true(scripted_server_saw(f.server, 6, "\r\nCache-Control: no-cache\r\n"));
    // A validator that is none must not become a header.
    assert_outcome(&f, FETCH(&f, .url = page, .etag = SLICE("\"1\"\r\nEvil: 1")), ERR_OK,
                   "not a validator");
    assert_false(scripted_server_saw(f.server, 7, "Evil"));
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/gone"), .etag = SLICE("\"1\"")),
                   ERR_PAGE_GONE, "gone");
    fetch_fixture_stop(&f);
}

static void test_redirects(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        NO_ROBOTS,
        {.path = "/r1", .bytes = MOVED("/r2")},
        {.path = "/r2",
         .bytes = "HTTP/1.1 302 Found\r\nLocation: https://lu.ma/r3?tk=secret\r\n" EMPTY},
        {.path = "/r3?tk=secret", .bytes = "HTTP/1.1 307 Temporary\r\nLocation: r4\r\n" EMPTY},
        {.path = "/r4",
         .bytes = "HTTP/1.1 308 Permanent\r\nLocation: http://www.luma.com/r5\r\n" EMPTY},
        {.path = "/r5", .bytes = "HTTP/1.1 303 See\r\nLocation: ?x=1#top\r\n" EMPTY},
        {.path = "/r5?x=1", .bytes = PAGE_OK},
        {.path = "/r0", .bytes = MOVED("/r1")},
        {.path = "/circle", .bytes = MOVED("/circle/2")},
        {.path = "/circle/2", .bytes = MOVED("https://luma.com/circle")},
        {.path = "/self", .bytes = MOVED("/self")},
        {.path = "/slash", .bytes = MOVED("/slash/")},
        {.path = "/slash/", .bytes = PAGE_OK},
    };
    struct fetch_fixture f;
    fetch_fixture_start(&f, rows, ARRAY_LEN(rows));
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/r1")), ERR_OK, "five");
    assert_int_equal(f.result.hop_count, 5);
    static const int statuses[] = {301, 302, 307, 308, 303};
    // Canonical: no query of a guest, one host.
    static const char *const urls[] = {"https://luma.com/r2", "https://luma.com/r3",
                                       "https://luma.com/r4", "https://luma.com/r5",
                                       "https://luma.com/r5"};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(f.result.hops[i].status, statuses[i]);
        assert_slice_is(f.result.hops[i].url, urls[i]);
    }
    assert_slice_is(f.result.url, "https://luma.com/r5");
    assert_slice_is(f.result.body, PAGE);
    assert_int_equal(f.result.requests, 9); // six pages, robots.txt of three names
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/r0")), ERR_TOO_MANY_REDIRECTS,
                   "six");
    assert_int_equal(f.result.hop_count, 5);
    assert_false(f.result.retry);
    size_t before = scripted_server_requests(f.server);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/circle")), ERR_TOO_MANY_REDIRECTS,
                   "circle");
    assert_int_equal(scripted_server_requests(f.server), before + 2);
    assert_int_equal(f.result.hop_count, 1);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/self")), ERR_TOO_MANY_REDIRECTS,
                   "self");
    // The site's own spelling is followed, whatever the canonical form says.
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/slash")), ERR_OK, "slash");
    assert_slice_is(f.result.url, "https://luma.com/slash");

    // The server that stands in for luma.com may name itself.
    scripted_server_add(
        f.server,
        (struct script_row){
            .path = "/itself",
            .bytes = arena_printf(f.texts, MOVED("http://127.0.0.1:%u/r5?x=1"), f.server->port)});
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/itself")), ERR_OK, "itself");
    assert_slice_is(f.result.hops[0].url, "https://luma.com/r5");
    fetch_fixture_stop(&f);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct script_row inner_rows[] = {{.bytes = PAGE_OK}};
    struct scripted_server *inner = scripted_server_start(inner_rows, 1);
    struct fetch_fixture f;
    fetch_fixture_listen(&f, (struct script_row[]){NO_ROBOTS}, 1);
    // Names on the list that lead to addresses inside, as after DNS rebinding.
    luma_url_rules_free(f.rules);
    struct slice hosts =
        slice_from_cstr(arena_printf(f.texts, "luma.com lu.ma inner.test:%u", inner->port));
    assert_int_equal(luma_url_rules_new(hosts, &f.rules, NULL), ERR_OK);
    const char *name = arena_printf(f.texts, "inner.test:%u:127.0.0.1", inner->port);
    const char *const resolve[] = {name, "api.luma.com:443:10.0.0.1", NULL};
    f.options.rules = f.rules;
    f.options.resolve = resolve;
    const struct {
        const char *location;
        enum err err;
        int status;
    } cases[] = {
        {arena_printf(f.texts, "http://127.0.0.1:%u/", inner->port), ERR_URL_NOT_ALLOWED, 302},
        {arena_printf(f.texts, "http://localhost:%u/", inner->port), ERR_URL_NOT_ALLOWED, 302},
        {arena_printf(f.texts, "http://[::1]:%u/", inner->port), ERR_URL_NOT_ALLOWED, 302},
        {arena_printf(f.texts, "http://2130706433:%u/", inner->port), ERR_URL_NOT_ALLOWED, 302},
        {arena_printf(f.texts, "http://luma.com@127.0.0.1:%u/", inner->port), ERR_URL_NOT_ALLOWED,
         302},
        {arena_printf(f.texts, "http://luma.com:%u/", inner->port), ERR_URL_NOT_ALLOWED, 302},
        {arena_printf(f.texts, "http://inner.test:%u/", inner->port), ERR_URL_NOT_ALLOWED,
         302}, // after DNS
        {"https://api.luma.com/x", ERR_URL_NOT_ALLOWED, 302},
        {"https://evil.example/", ERR_URL_NOT_ALLOWED, 302},
        {"//evil.example/", ERR_URL_NOT_ALLOWED, 302},
        {"https://luma.com.evil.example/", ERR_URL_NOT_ALLOWED, 302},
        {"http://169.254.169.254/latest/meta-data/", ERR_URL_NOT_ALLOWED, 302},
        {"file:///etc/passwd", ERR_URL_NOT_ALLOWED, 302},
        {"ftp://luma.com/", ERR_URL_NOT_ALLOWED, 302},
        {"javascript:alert(1)", ERR_URL_NOT_ALLOWED, 302},
        {"http://", ERR_URL_NOT_ALLOWED, 302},
        {"/signin?next=%2Fabc", ERR_LOGIN_WALL, 302},
        {"https://luma.com/login", ERR_LOGIN_WALL, 302},
        {"https://accounts.example/login?x", ERR_LOGIN_WALL, 302},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        scripted_server_add(
            f.server,
            (struct script_row){
                .path = arena_printf(f.texts, "/%zu", i),
                .bytes = arena_printf(f.texts, "HTTP/1.1 302 Found\r\nLocation: %s\r\n" EMPTY,
                                      cases[i].location)});
    fetch_fixture_begin(&f);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t before = scripted_server_requests(f.server);
        struct slice url = slice_from_cstr(arena_printf(f.texts, "https://luma.com/%zu", i));
        assert_outcome(&f, FETCH(&f, .url = url), cases[i].err, cases[i].location);
        assert_false(f.result.retry);
        assert_int_equal(scripted_server_requests(f.server),
                         before + (i == 0 ? 2 : 1)); // robots.txt once
    }
    assert_int_equal(scripted_server_connections(inner), 0);

    // And what is asked for in the first place.
    size_t before = scripted_server_requests(f.server), visits = f.visits;
    static const char *const first[] = {"",
                                        "x",
                                        "https://evil.example/",
                                        "http://127.0.0.1/",
                                        "https://me@luma.com/",
                                        "ftp://luma.com/"};
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        assert_outcome(&f, FETCH(&f, .url = slice_from_cstr(first[i])), ERR_URL_NOT_ALLOWED,
                       first[i]);
    assert_int_equal(f.visits, visits);
    struct slice inner_url =
        slice_from_cstr(arena_printf(f.texts, "http://inner.test:%u/", inner->port));
    assert_outcome(&f, FETCH(&f, .url = inner_url), ERR_URL_NOT_ALLOWED, "inner");
    assert_int_equal(scripted_server_requests(f.server), before);
    assert_int_equal(scripted_server_connections(inner), 0);
    fetch_fixture_stop(&f);
    scripted_server_stop(inner);
}

// Long, odd Locations: addresses of every size must fit the memory set aside for them.
static void test_long_redirects(void **state)
{
    (void)state;
    struct fetch_fixture f;
    fetch_fixture_listen(&f, (struct script_row[]){NO_ROBOTS}, 1);
    static const size_t sizes[] = {600, 1500, 2040, 3000, 8000, 30000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char *noise = arena_alloc(f.texts, sizes[i] + 1);
        memset(noise, i % 2 ? '\xc3' : '%', sizes[i]);
        scripted_server_add(
            f.server, (struct script_row){.path = arena_printf(f.texts, "/%zu", i),
                                          .bytes = arena_printf(f.texts, MOVED("/%s"), noise)});
    }
    scripted_server_add(f.server, (struct script_row){.bytes = PAGE_OK});
    fetch_fixture_begin(&f);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct slice url = slice_from_cstr(arena_printf(f.texts, "https://luma.com/%zu", i));
        assert_outcome(&f, FETCH(&f, .url = url), i == 0 ? ERR_OK : ERR_URL_NOT_ALLOWED, "long");
    }
    fetch_fixture_stop(&f);
}

static void test_closed_early(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        NO_ROBOTS,
        {.path = "/once", .times = 1},
        {.path = "/once", .bytes = PAGE_OK},
        {.path = "/always"},
        {.path = "/midway", .bytes = "HTTP/1.1 200 OK\r\nContent-Len"},
    };
    struct fetch_fixture f;
    fetch_fixture_start(&f, rows, ARRAY_LEN(rows));
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/once")), ERR_OK, "once");
    assert_int_equal(f.result.requests, 3);
    assert_int_equal(f.visits, 3); // the repetition took its turn, too
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/always")), ERR_FETCH_FAILED,
                   "always");
    assert_int_equal(f.result.requests, 2);
    assert_true(f.result.retry);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/midway")), ERR_FETCH_FAILED,
                   "midway");
    assert_int_equal(f.result.requests, 1);
    fetch_fixture_stop(&f);
}

static void test_hook_fails(void **state)
{
    (void)state;
    static const struct script_row rows[] = {NO_ROBOTS, {.bytes = PAGE_OK}};
    struct fetch_fixture f;
    fetch_fixture_start(&f, rows, ARRAY_LEN(rows));
    f.hook_fails = ERR_LEASE_LOST;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/page")), ERR_LEASE_LOST, "hook");
    assert_non_null(strstr(f.result.error.detail, "the hook says no"));
    assert_true(f.result.retry);
    assert_int_equal(scripted_server_connections(f.server), 0);
    f.hook_fails = ERR_OK;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/page")), ERR_OK, "again");
    fetch_fixture_stop(&f);
}

static void test_proxies(void **state)
{
    (void)state;
    // This one plays the proxy: it is asked for whole addresses of an origin that does not exist.
    static const struct script_row rows[] = {
        {.path = "http://127.0.0.1:9/robots.txt", .bytes = "HTTP/1.1 404 Not Found\r\n" EMPTY},
        {.path = "http://127.0.0.1:9/page", .bytes = PAGE_OK},
        {.path = "http://127.0.0.1:9/busy", .bytes = "HTTP/1.1 503 Busy\r\n" EMPTY},
        {.path = "http://127.0.0.1:9/auth", .bytes = "HTTP/1.1 407 No\r\n" EMPTY},
    };
    struct scripted_server *gone = scripted_server_start(rows, 0);
    uint16_t dead = gone->port;
    scripted_server_stop(gone);

    struct fetch_fixture f;
    fetch_fixture_listen(&f, rows, ARRAY_LEN(rows));
    origin_override_free(f.override);
    assert_int_equal(
        origin_override_new(SLICE("https://luma.com=http://127.0.0.1:9"), &f.override, NULL),
        ERR_OK);
    f.options.override = f.override;
    struct slice list = slice_from_cstr(arena_printf(
        f.texts, "http://127.0.0.1:%u http://me:secret@127.0.0.1:%u", dead, f.server->port));
    assert_int_equal(proxy_pool_new(list, &f.options.proxies, NULL), ERR_OK);
    fetch_fixture_begin(&f);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/page")), ERR_OK, "page");
    assert_int_equal(f.result.requests, 3); // the dead one first, and then no more
    assert_int_equal(f.visits, 2);
    assert_string_equal(f.result.proxy,
                        arena_printf(f.texts, "http://127.0.0.1:%u", f.server->port));
    uint64_t now_ms = clock_monotonic_ms();
    assert_int_equal(proxy_pool_state(f.options.proxies, 0, now_ms).failures, 1);
    assert_int_equal(proxy_pool_state(f.options.proxies, 1, now_ms).failures, 0);
    // The site's troubles are not the proxy's.
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/busy")), ERR_UPSTREAM_BUSY, "busy");
    assert_int_equal(proxy_pool_state(f.options.proxies, 1, now_ms).failures, 0);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/auth")), ERR_FETCH_FAILED, "auth");
    assert_null(strstr(f.result.error.detail, "secret"));
    // Now all of them rest, and going there directly is no way out.
    size_t before = scripted_server_requests(f.server);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/page")), ERR_FETCH_FAILED,
                   "resting");
    assert_in_range(f.result.retry_after_ms, 1, PROXY_POOL_FIRST_REST_MS);
    assert_true(f.result.retry);
    assert_int_equal(scripted_server_requests(f.server), before);
    fetch_fixture_stop(&f);
    proxy_pool_free(f.options.proxies);
}

// Several fetchers, one set of options.
static void *fetch_some(void *user)
{
    const struct fetch_options *options = user;
    struct fetcher *fetcher;
    struct fetch_result result;
    struct arena *arena = arena_new(FETCH_ARENA_BYTES);
    size_t good = 0;
    if (fetcher_new(options, NULL, &fetcher, NULL) != ERR_OK)
        return NULL;
    for (int i = 0; i < 5; i++) {
        arena_reset(arena);
        struct fetch_request request = {.url = SLICE("https://luma.com/page")};
        good += fetch_page(fetcher, &request, arena, &result) == ERR_OK;
    }
    fetcher_free(fetcher);
    arena_free(arena);
    return good == 5 ? user : NULL;
}

static void test_threads(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    static const struct script_row rows[] = {NO_ROBOTS, {.path = "/page", .bytes = PAGE_OK}};
    struct fetch_fixture f;
    fetch_fixture_listen(&f, rows, ARRAY_LEN(rows));
    f.options.robots_cache = robots_cache_new();
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fetch_some, &f.options), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        assert_non_null(good);
    }
    // Each asks for robots.txt at most once before one of them has told the others.
    assert_in_range(scripted_server_requests(f.server), 21, 24);
    fetch_fixture_stop(&f);
    robots_cache_free(f.options.robots_cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_sizes_and_times),
        cmocka_unit_test(test_conditional),
        cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_redirects),
        cmocka_unit_test(test_closed_early),
        cmocka_unit_test(test_hook_fails),
        cmocka_unit_test(test_proxies),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
