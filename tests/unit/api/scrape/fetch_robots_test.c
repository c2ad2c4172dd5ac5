// The fetcher and robots.txt: whether, when and how often it is asked for, and what its answers mean.
#include "lib/base/clock.h"
#include "support/fetch_fixture.h"

static void test_robots(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.path = "/robots.txt",
         .bytes = ROBOTS("User-agent: *\nDisallow: /\n\nUser-agent: eventdataapi\n"
                         "Crawl-delay: 3\nDisallow: /secret\nDisallow: /*?k=\n")},
        {.path = "/page", .bytes = PAGE_OK},
        {.path = "/moved", .bytes = MOVED("/secret/door")},
        {.path = "/query", .bytes = MOVED("/page?k=c")},
    };
    struct fetch_fixture f;
    fetch_fixture_start(&f, rows, ARRAY_LEN(rows));
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/page")), ERR_OK, "allowed");
    assert_int_equal(f.crawl_delays[0], 0);
    assert_int_equal(f.crawl_delays[1], 3000);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/secret")), ERR_ROBOTS_DENIED,
                   "denied");
    assert_false(f.result.retry);
    assert_int_equal(f.result.status, 0);
    assert_int_equal(f.result.requests, 0);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/moved")), ERR_ROBOTS_DENIED,
                   "after a redirect");
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/query")), ERR_ROBOTS_DENIED,
                   "query");
    // Asked for once, then known.
    assert_int_equal(scripted_server_requests(f.server), 4);
    assert_true(scripted_server_saw(f.server, 0, "GET /robots.txt "));
    for (size_t i = 1; i < 4; i++)
        assert_false(scripted_server_saw(f.server, i, "robots.txt"));
    fetch_fixture_stop(&f);
}

static void test_robots_answers(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum err err;
        bool retry;
        uint32_t retry_after_ms;
        size_t requests;
    } cases[] = {
        {"HTTP/1.1 404 Not Found\r\n" EMPTY, ERR_OK, false, 0, 2},
        {"HTTP/1.1 403 No\r\n" EMPTY, ERR_OK, false, 0, 2},
        {"HTTP/1.1 401 No\r\n" EMPTY, ERR_OK, false, 0, 2},
        {"HTTP/1.1 200 OK\r\n" EMPTY, ERR_OK, false, 0, 2},
        {"HTTP/1.1 204 No Content\r\n\r\n", ERR_OK, false, 0, 2},
        {ROBOTS("User-agent: *\nDisallow: /page"), ERR_ROBOTS_DENIED, false, 0, 1},
        {"HTTP/1.1 500 Oops\r\n" EMPTY, ERR_UPSTREAM_ERROR, true, 0, 1},
        {"HTTP/1.1 503 Busy\r\nRetry-After: 9\r\n" EMPTY, ERR_UPSTREAM_BUSY, true, 9000, 1},
        {"HTTP/1.1 429 Slow\r\n" EMPTY, ERR_UPSTREAM_BUSY, true, 0, 1},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *", ERR_FETCH_FAILED, true, 0,
         1},
        {NULL, ERR_FETCH_FAILED, true, 0, 2},        // closed unanswered, twice
        {MOVED("/robots.txt"), ERR_OK, false, 0, 7}, // a circle is as good as none
        {MOVED("/other.txt"), ERR_ROBOTS_DENIED, false, 0, 2},
        {MOVED("https://evil.example/robots.txt"), ERR_URL_NOT_ALLOWED, false, 0, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct script_row rows[] = {
            {.path = "/robots.txt", .bytes = cases[i].bytes},
            {.path = "/other.txt", .bytes = ROBOTS("User-agent: *\nDisallow: /")},
            {.path = "/page", .bytes = PAGE_OK},
        };
        struct fetch_fixture f;
        fetch_fixture_start(&f, rows, ARRAY_LEN(rows));
        assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/page")), cases[i].err,
                       cases[i].bytes);
        assert_int_equal(f.result.retry, cases[i].retry);
        assert_int_equal(f.result.retry_after_ms, cases[i].retry_after_ms);
        assert_int_equal(scripted_server_requests(f.server), cases[i].requests);
        if (cases[i].retry) { // the trouble is remembered for a moment, without asking again
            assert_true(FETCH(&f, .url = SLICE("https://luma.com/page")) != ERR_OK);
            assert_int_equal(scripted_server_requests(f.server), cases[i].requests);
        }
        fetch_fixture_stop(&f);
    }
}

// Longer than what is read of it: cut, and used as far as it goes.
static void test_large_robots(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.path = "/robots.txt",
         .bytes = ROBOTS("User-agent: *\nDisallow: /secret\n"),
         .tail = "# one of a great many lines that say nothing\n",
         .repeat = 40000},
        {.path = "/page", .bytes = PAGE_OK},
    };
    struct fetch_fixture f;
    fetch_fixture_start(&f, rows, ARRAY_LEN(rows));
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/page")), ERR_OK, "page");
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/secret")), ERR_ROBOTS_DENIED,
                   "secret");
    fetch_fixture_stop(&f);
}

static void test_robots_store(void **state)
{
    (void)state;
    enum { HOUR_MS = 3600 * 1000 };
    static const struct script_row rows[] = {
        {.path = "/robots.txt", .times = 1, .bytes = ROBOTS("User-agent: *\nDisallow: /new\n")},
        {.path = "/robots.txt", .bytes = "HTTP/1.1 500 Oops\r\n" EMPTY},
        {.bytes = PAGE_OK},
    };
    struct fetch_fixture f;
    fetch_fixture_listen(&f, rows, ARRAY_LEN(rows));
    fetch_fixture_use_store(&f);
    fetch_fixture_begin(&f);
    // Fresh: used as it is.
    int64_t now_ms = clock_unix_ms();
    f.has_file = true;
    f.file =
        (struct robots_file){now_ms - 23 * HOUR_MS, 200, SLICE("User-agent: *\nDisallow: /old\n")};
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/old")), ERR_ROBOTS_DENIED, "old");
    assert_int_equal(scripted_server_requests(f.server), 0);
    assert_int_equal(f.stores, 0);
    // A day old: asked for again, and kept.
    f.file.fetched_unix_ms = now_ms - 25 * HOUR_MS;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/new")), ERR_ROBOTS_DENIED, "new");
    assert_int_equal(f.stores, 1);
    assert_int_equal(f.file.status, 200);
    assert_true(f.file.fetched_unix_ms >= now_ms);
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/old")), ERR_OK, "old");
    assert_int_equal(scripted_server_requests(f.server), 2);
    // The site is in trouble: the old file counts on, and is not replaced.
    f.file.fetched_unix_ms = now_ms - 48 * HOUR_MS;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/new")), ERR_ROBOTS_DENIED, "new");
    assert_int_equal(f.stores, 1);
    // But not for ever.
    f.file.fetched_unix_ms = now_ms - 8LL * 24 * HOUR_MS;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/new")), ERR_UPSTREAM_ERROR, "new");
    assert_int_equal(f.stores, 2);
    assert_int_equal(f.file.status, 500);
    // From the future (a clock that was set): not believed.
    f.file.fetched_unix_ms = now_ms + HOUR_MS;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/new")), ERR_UPSTREAM_ERROR, "new");
    assert_int_equal(f.stores, 3);
    // Trouble is forgotten much sooner than a file.
    f.file.fetched_unix_ms = clock_unix_ms() - 1000;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/new")), ERR_UPSTREAM_ERROR, "new");
    assert_int_equal(f.stores, 3);
    f.file.fetched_unix_ms = clock_unix_ms() - 11000;
    assert_outcome(&f, FETCH(&f, .url = SLICE("https://luma.com/new")), ERR_UPSTREAM_ERROR, "new");
    assert_int_equal(f.stores, 4);
    fetch_fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_robots),
        cmocka_unit_test(test_robots_answers),
        cmocka_unit_test(test_large_robots),
        cmocka_unit_test(test_robots_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
