#include "lib/http/client.h"

#include "lib/base/clock.h"
#include "support/scripted_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

enum { ARENA_BYTES = 16 * 1024 * 1024, BOMB_BYTES = 4 * 1024 * 1024 };

struct fixture {
    struct scripted_server *server;
    struct http_client *client;
    struct arena *arena;
    struct http_client_response response;
    struct error error;
};

static void start(struct fixture *f, const struct script_row *rows, size_t count)
{
    *f = (struct fixture){.server = scripted_server_start(rows, count),
                          .arena = arena_new(ARENA_BYTES)};
    assert_int_equal(http_client_new(&f->client, &f->error), ERR_OK);
}

static void stop(struct fixture *f)
{
    http_client_free(f->client);
    scripted_server_stop(f->server);
    arena_free(f->arena);
}

static const char *url_of(struct fixture *f, const char *path)
{
    return arena_printf(f->arena, "http://127.0.0.1:%u%s", f->server->port, path);
}

static enum err get(struct fixture *f, struct http_client_request request, const char *path)
{
    if (!request.url)
        request.url = url_of(f, path);
    f->error = (struct error){0};
    return http_client_send(f->client, &request, f->arena, &f->response, &f->error);
}

#define GET(f, path, ...) get((f), (struct http_client_request){__VA_ARGS__}, (path))

static void test_answers(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.path = "/ok",
         .bytes = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Empty:\r\nContent-Length: "
                  "5\r\n\r\nhello",
         .keep_open = true},
        {.path = "/none",
         .bytes = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
         .keep_open = true},
        {.path = "/interim",
         .bytes = "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
                  "2\r\n\r\nhi",
         .keep_open = true},
        {.path = "/chunked",
         .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"},
        {.path = "/to-close", .bytes = "HTTP/1.1 200 OK\r\n\r\nuntil the end"},
        {.path = "/moved",
         .bytes = "HTTP/1.1 302 Found\r\nLocation: ../a?b#c\r\nContent-Length: 0\r\n\r\n"},
    };
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    assert_int_equal(GET(&f, "/ok"), ERR_OK);
    assert_int_equal(f.response.status, 200);
    assert_true(slice_equal(f.response.body, SLICE("hello")));
    assert_true(slice_equal(f.response.content_type, SLICE("text/html")));
    assert_int_equal(f.response.headers.count, 3);
    assert_int_equal(f.response.wire_bytes, 5);
    assert_null(f.response.location.ptr);
    assert_true(scripted_server_saw(f.server, 0, "GET /ok HTTP/1.1\r\n"));
    assert_true(scripted_server_saw(f.server, 0, "\r\nUser-Agent: " HTTP_CLIENT_USER_AGENT "\r\n"));
    assert_true(scripted_server_saw(f.server, 0, "gzip"));
    assert_false(scripted_server_saw(f.server, 0, "Cookie"));

    assert_int_equal(GET(&f, "/none"), ERR_OK);
    assert_int_equal(f.response.status, 404);
    assert_non_null(f.response.body.ptr);
    assert_int_equal(f.response.body.len, 0);
    assert_int_equal(GET(&f, "/interim"), ERR_OK);
    assert_int_equal(f.response.status, 200);
    assert_int_equal(f.response.headers.count, 1);
    assert_int_equal(scripted_server_connections(f.server), 1); // one connection for all

    assert_int_equal(GET(&f, "/chunked"), ERR_OK);
    assert_true(slice_equal(f.response.body, SLICE("abcde")));
    assert_int_equal(GET(&f, "/to-close"), ERR_OK);
    assert_true(slice_equal(f.response.body, SLICE("until the end")));
    size_t before = scripted_server_requests(f.server);
    assert_int_equal(GET(&f, "/moved"), ERR_OK);
    assert_int_equal(f.response.status, 302);
    assert_true(slice_equal(f.response.location, slice_from_cstr(url_of(&f, "/a?b#c"))));
    assert_int_equal(scripted_server_requests(f.server), before + 1); // not followed
    stop(&f);
}

static void test_request(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    };
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    static const struct http_header headers[] = {{{"If-None-Match", 13}, {"\"tag\"", 5}},
                                                 {{"X-Nothing", 9}, {"", 0}}};
    assert_int_equal(GET(&f, "/x", .headers = headers, .header_count = 2, .user_agent = "other"),
                     ERR_OK);
    assert_true(scripted_server_saw(f.server, 0, "\r\nIf-None-Match: \"tag\"\r\n"));
    assert_true(scripted_server_saw(f.server, 0, "\r\nX-Nothing:\r\n"));
    assert_true(scripted_server_saw(f.server, 0, "\r\nUser-Agent: other\r\n"));
    assert_int_equal(GET(&f, "/x", .method = "POST", .body = SLICE("")), ERR_OK);
    assert_true(scripted_server_saw(f.server, 1, "POST /x HTTP/1.1"));
    assert_int_equal(GET(&f, "/x", .method = "HEAD"), ERR_OK);
    assert_true(scripted_server_saw(f.server, 2, "HEAD /x HTTP/1.1"));

    static const struct http_header injections[] = {{{"X", 1}, {"a\r\nEvil: 1", 10}},
                                                    {{"X\r\nEvil", 7}, {"a", 1}},
                                                    {{"X", 1}, {"a\0b", 3}},
                                                    {{"", 0}, {"a", 1}}};
    for (size_t i = 0; i < ARRAY_LEN(injections); i++)
        assert_int_equal(GET(&f, "/x", .headers = &injections[i], .header_count = 1), ERR_INTERNAL);
    assert_int_equal(scripted_server_requests(f.server), 3);
    stop(&f);
}

// gzip of so many zeros.
static size_t gzip_zeros(size_t size, char *out, size_t out_size)
{
    static const char zeros[4096];
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)out_size;
    for (size_t done = 0; done < size; done += sizeof zeros) {
        z.next_in = (Bytef *)(uintptr_t)zeros;
        z.avail_in = sizeof zeros;
        assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
    }
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t len = out_size - z.avail_out;
    deflateEnd(&z);
    return len;
}

static struct script_row encoded_row(struct arena *arena, const char *path, const char *encoding,
                                     const char *bytes, size_t len)
{
    char *text = arena_alloc(arena, len + 256);
    int head = snprintf(text, 256,
                        "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n\r\n",
                        encoding, len);
    memcpy(text + head, bytes, len);
    return (struct script_row){.path = path, .bytes = text, .len = (size_t)head + len};
}

static void test_encodings(void **state)
{
    (void)state;
    struct arena *arena = arena_new(ARENA_BYTES);
    char *gz = arena_alloc(arena, 65536), zstd[256];
    size_t gz_len = gzip_zeros(8192, gz, 65536);
    size_t bomb_len = gzip_zeros(BOMB_BYTES, gz + 1024, 65536 - 1024);
    assert_in_range(gz_len, 1, 1023);
    size_t zstd_len = ZSTD_compress(zstd, sizeof zstd, "zstd text", 9, 3);
    assert_false(ZSTD_isError(zstd_len));
    const struct script_row rows[] = {
        encoded_row(arena, "/gzip", "gzip", gz, gz_len),
        encoded_row(arena, "/zstd", "zstd", zstd, zstd_len),
        encoded_row(arena, "/bomb", "gzip", gz + 1024, bomb_len),
        encoded_row(arena, "/lie", "gzip", "this is not gzip", 16),
        encoded_row(arena, "/unknown", "x-secret", "abc", 3),
    };
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    assert_int_equal(GET(&f, "/gzip"), ERR_OK);
    assert_int_equal(f.response.body.len, 8192);
    assert_int_equal(f.response.wire_bytes, gz_len);
    assert_int_equal(GET(&f, "/zstd"), ERR_OK);
    assert_true(slice_equal(f.response.body, SLICE("zstd text")));
    // Small on the wire, large in memory.
    assert_int_equal(GET(&f, "/bomb", .max_body_bytes = 1024 * 1024), ERR_PAGE_TOO_LARGE);
    assert_true(bomb_len < 64 * 1024);
    assert_int_equal(GET(&f, "/bomb", .max_body_bytes = 1000, .truncate = true), ERR_OK);
    assert_int_equal(f.response.body.len, 1000);
    assert_true(f.response.truncated);
    assert_int_equal(GET(&f, "/lie"), ERR_FETCH_FAILED);
    assert_int_equal(GET(&f, "/unknown"), ERR_FETCH_FAILED);
    stop(&f);
    arena_free(arena);
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.path = "/declared",
         .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\nx",
         .hang = true},
        {.path = "/fits",
         .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
         .tail = "0123456789",
         .repeat = 100},
        {.path = "/endless",
         .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
         .tail = "a\r\n0123456789\r\n",
         .repeat = SIZE_MAX},
        {.path = "/to-close",
         .bytes = "HTTP/1.1 200 OK\r\n\r\n",
         .tail = "0123456789",
         .repeat = SIZE_MAX},
        {.path = "/headers",
         .bytes = "HTTP/1.1 200 OK\r\n",
         .tail = "X-Many: header\r\n",
         .repeat = 300},
        {.path = "/long-headers",
         .bytes = "HTTP/1.1 200 OK\r\nX-A: ",
         .tail = "aaaaaaaaaaaaaaaa",
         .repeat = 5000},
        {.path = "/interims",
         .bytes = "",
         .tail = "HTTP/1.1 100 Continue\r\n\r\n",
         .repeat = SIZE_MAX},
    };
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    assert_int_equal(GET(&f, "/declared", .max_body_bytes = 1000), ERR_PAGE_TOO_LARGE);
    assert_int_equal(GET(&f, "/fits", .max_body_bytes = 1000), ERR_OK);
    assert_int_equal(f.response.body.len, 1000);
    assert_false(f.response.truncated);
    assert_int_equal(GET(&f, "/endless", .max_body_bytes = 100000), ERR_PAGE_TOO_LARGE);
    assert_int_equal(f.response.status, 200);
    assert_int_equal(GET(&f, "/to-close", .max_body_bytes = 100000), ERR_PAGE_TOO_LARGE);
    assert_int_equal(GET(&f, "/endless", .max_body_bytes = 100001, .truncate = true), ERR_OK);
    assert_int_equal(f.response.body.len, 100001);
    assert_true(f.response.truncated);
    assert_int_equal(GET(&f, "/headers"), ERR_FETCH_FAILED);
    assert_int_equal(GET(&f, "/long-headers"), ERR_FETCH_FAILED);
    assert_int_equal(GET(&f, "/interims"), ERR_FETCH_FAILED);
    stop(&f);
}

static void test_broken_answers(void **state)
{
    (void)state;
    static const struct {
        const char *path, *bytes;
        bool unanswered;
    } cases[] = {
        {"/silent", NULL, true},
        {"/short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", false},
        {"/half-header", "HTTP/1.1 200 OK\r\nContent-Le", false},
        {"/garbage", "SSH-2.0-OpenSSH_9.9\r\n", false},
        {"/old", "<html>HTTP/0.9</html>", false},
        {"/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", false},
        {"/chunk-cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", false},
        {"/two-lengths", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", false},
    };
    struct script_row rows[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        rows[i] = (struct script_row){.path = cases[i].path, .bytes = cases[i].bytes};
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (GET(&f, cases[i].path) != ERR_FETCH_FAILED)
            fail_msg("%s did not fail: %s", cases[i].path, f.error.detail);
        assert_int_equal(f.response.closed_unanswered, cases[i].unanswered);
        assert_false(f.response.proxy_failed);
        assert_true(strlen(f.error.detail) > 0);
    }
    stop(&f);
}

static void test_times(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.path = "/hang", .hang = true},
        {.path = "/begins",
         .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
         .hang = true},
    };
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    assert_int_equal(GET(&f, "/hang", .total_timeout_ms = 100), ERR_FETCH_TIMEOUT);
    assert_in_range(f.response.duration_ms, 90, 5000);
    assert_false(f.response.closed_unanswered);
    assert_int_equal(GET(&f, "/begins", .total_timeout_ms = 100), ERR_FETCH_TIMEOUT);
    assert_int_equal(f.response.status, 200);
    assert_int_equal(GET(&f, "/begins", .stall_timeout_ms = 1),
                     ERR_FETCH_TIMEOUT); // rounded up to 1 s
    assert_in_range(f.response.duration_ms, 500, 20000);
    stop(&f);
}

static void *set_later(void *user)
{
    struct fixture *f = ((void **)user)[0];
    bool *flag = ((void **)user)[1];
    uint64_t deadline = clock_monotonic_ms() + 10000;
    while (scripted_server_requests(f->server) == 0 && clock_monotonic_ms() < deadline)
        sched_yield();
    __atomic_store_n(flag, true, __ATOMIC_RELAXED);
    return NULL;
}

static void test_cancel(void **state)
{
    (void)state;
    static const struct script_row rows[] = {{.hang = true}};
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    bool cancel = false;
    void *both[] = {&f, &cancel};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, set_later, both), 0);
    assert_int_equal(GET(&f, "/x", .cancel = &cancel), ERR_SHUTTING_DOWN);
    assert_in_range(f.response.duration_ms, 0, 10000);
    pthread_join(thread, NULL);
    assert_int_equal(GET(&f, "/x", .cancel = &cancel), ERR_SHUTTING_DOWN);
    stop(&f);
}

static void test_public_only(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", .keep_open = true},
    };
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    const char *hosts[] = {
        "127.0.0.1",          "127.1",    "2130706433",      "localhost", "[::1]",
        "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "[fd00::1]", "0.0.0.0"};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        const char *url = arena_printf(f.arena, "http://%s:%u/", hosts[i], f.server->port);
        if (GET(&f, "", .url = url, .public_only = true) != ERR_URL_NOT_ALLOWED)
            fail_msg("%s: %s", url, f.error.detail);
    }
    // A name that turns out to be ours, whatever it was when somebody looked before.
    const char *name = arena_printf(f.arena, "rebound.test:%u:127.0.0.1", f.server->port);
    const char *const resolve[] = {name, NULL};
    const char *url = arena_printf(f.arena, "http://rebound.test:%u/", f.server->port);
    assert_int_equal(GET(&f, "", .url = url, .resolve = resolve, .public_only = true),
                     ERR_URL_NOT_ALLOWED);
    assert_int_equal(scripted_server_connections(f.server), 0);

    // Without the rule it is reached, and the connection stays open: the next request must not slip through on it.
    assert_int_equal(GET(&f, "", .url = url, .resolve = resolve), ERR_OK);
    assert_int_equal(GET(&f, "", .url = url, .resolve = resolve, .public_only = true),
                     ERR_URL_NOT_ALLOWED);
    assert_int_equal(scripted_server_requests(f.server), 1);
    stop(&f);
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct script_row rows[] = {{.bytes = "HTTP/1.1 200 OK\r\n\r\n"}};
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    static const char *const urls[] = {"ftp://127.0.0.1/",        "file:///etc/passwd", "x", "",
                                       "http://me:pw@127.0.0.1/", "gopher://127.0.0.1/"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++)
        assert_int_equal(GET(&f, "", .url = urls[i]), ERR_URL_NOT_ALLOWED);
    assert_int_equal(scripted_server_connections(f.server), 0);
    stop(&f);
}

// The name is known to the test's resolver only; the "proxy" is the scripted server.
static void test_proxy(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.path = "http://page.test/ok", .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"},
        {.path = "http://page.test/auth", .bytes = "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"},
        {.path = "http://page.test/silent"},
        {.path = "page.test:443", .bytes = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"},
    };
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    const char *proxy = url_of(&f, "");
    static const char *const resolve[] = {"page.test:80:93.184.215.14",
                                          "page.test:443:93.184.215.14",
                                          "inner.test:80:93.184.215.14,10.0.0.1", NULL};
    assert_int_equal(GET(&f, "", .url = "http://page.test/ok", .proxy = proxy, .resolve = resolve,
                         .public_only = true),
                     ERR_OK);
    assert_int_equal(f.response.status, 200);
    assert_false(f.response.proxy_failed);
    assert_int_equal(
        GET(&f, "", .url = "http://page.test/auth", .proxy = proxy, .resolve = resolve),
        ERR_FETCH_FAILED);
    assert_true(f.response.proxy_failed);
    assert_int_equal(
        GET(&f, "", .url = "http://page.test/silent", .proxy = proxy, .resolve = resolve),
        ERR_FETCH_FAILED);
    assert_true(f.response.proxy_failed);
    assert_int_equal(GET(&f, "", .url = "https://page.test/", .proxy = proxy, .resolve = resolve),
                     ERR_FETCH_FAILED);
    assert_true(f.response.proxy_failed);
    assert_int_equal(f.response.status, 0);

    // Inner addresses are refused before the proxy hears of them.
    size_t before = scripted_server_requests(f.server);
    static const char *const inner[] = {"http://127.0.0.1/", "http://[::1]/", "http://10.0.0.1/",
                                        "http://inner.test/", "http://localhost/"};
    for (size_t i = 0; i < ARRAY_LEN(inner); i++)
        assert_int_equal(
            GET(&f, "", .url = inner[i], .proxy = proxy, .resolve = resolve, .public_only = true),
            ERR_URL_NOT_ALLOWED);
    assert_int_equal(scripted_server_requests(f.server), before);

    // A port where nobody listens.
    uint16_t dead = f.server->port;
    stop(&f);
    start(&f, rows, ARRAY_LEN(rows));
    const char *dead_proxy = arena_printf(f.arena, "http://127.0.0.1:%u", dead);
    assert_int_equal(
        GET(&f, "", .url = "http://page.test/ok", .proxy = dead_proxy, .resolve = resolve),
        ERR_FETCH_FAILED);
    assert_true(f.response.proxy_failed);
    stop(&f);
}

static void test_environment(void **state)
{
    (void)state;
    static const struct script_row rows[] = {
        {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"}};
    struct fixture f;
    start(&f, rows, ARRAY_LEN(rows));
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    assert_int_equal(GET(&f, "/x"), ERR_OK);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    setenv("NO_PROXY", "*", 1); // must not lead a request around the proxy that was asked for
    assert_int_equal(GET(&f, "/x", .proxy = "http://127.0.0.1:1"), ERR_FETCH_FAILED);
    assert_true(f.response.proxy_failed);
    unsetenv("NO_PROXY");
    stop(&f);
}

static void test_retry_after(void **state)
{
    (void)state;
    static const int64_t now = 784111777000; // Sun, 06 Nov 1994 08:49:37 GMT
    static const struct {
        const char *text;
        uint32_t wanted_ms;
    } rows[] = {
        {"120", 120000},
        {" 1 ", 1000},
        {"0", 0},
        {"-5", 0},
        {"99999", 3600000},
        {"9223372036854775807", 3600000},
        {"Sun, 06 Nov 1994 08:50:07 GMT", 30000},
        {"Sunday, 06-Nov-94 08:50:07 GMT", 30000},
        {"Sun Nov  6 08:50:07 1994", 30000},
        {"Sun, 06 Nov 1994 08:49:00 GMT", 0},
        {"Sun, 06 Nov 2094 08:49:00 GMT", 3600000},
        {"soon", 0},
        {"", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (http_retry_after_ms(slice_from_cstr(rows[i].text), now, 3600000) != rows[i].wanted_ms)
            fail_msg("\"%s\" gives %u", rows[i].text,
                     http_retry_after_ms(slice_from_cstr(rows[i].text), now, 3600000));
    assert_int_equal(http_retry_after_ms((struct slice){0}, now, 3600000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),        cmocka_unit_test(test_request),
        cmocka_unit_test(test_encodings),      cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_broken_answers), cmocka_unit_test(test_times),
        cmocka_unit_test(test_cancel),         cmocka_unit_test(test_public_only),
        cmocka_unit_test(test_addresses),      cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_environment),    cmocka_unit_test(test_retry_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
