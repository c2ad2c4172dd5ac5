// The server over real sockets: what it understands and what it answers.
#include "lib/http/server.h"

#include "support/http_fixture.h"

#include <zlib.h>
#include <zstd.h>

#define HOST "Host: a\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"

static void answers_on_one_connection(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    for (int i = 0; i < 3; i++) {
        client_send(&c, GET("/hello"));
        client_expect(&c, 200, "hello");
    }
    client_send(&c, GET("/echo?a=b%20c"));
    client_expect(&c, 200, "GET /echo|a=b%20c|||");
    client_send(&c, "POST /echo HTTP/1.1\r\n" HOST "X-Echo: x\r\nContent-Length: 4\r\n\r\nbody");
    client_expect(&c, 200, "POST /echo||x||body");
    client_send(&c, "DELETE /echo HTTP/1.1\r\n" HOST "\r\n");
    client_expect(&c, 200, "DELETE /echo||||");
    client_send(&c, GET("/empty"));
    client_expect(&c, 204, "");
    client_send(&c, GET("/nothing"));
    client_expect(&c, 404, "");
    client_close(&c);
    assert_int_equal(atomic_load(&f->handled), 8);
    assert_int_equal(atomic_load(&f->observed), 8);
    fixture_stop(f);
}

static void header_lines(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, "GET /hello HTTP/1.1\r\n" HOST "X-Request-Id: req-1\r\n\r\n");
    struct raw_response r = client_read(&c, true);
    assert_non_null(strstr(r.head, "HTTP/1.1 200 OK\r\n"));
    assert_string_equal(head_value(r.head, "X-Request-Id"), "req-1");
    assert_string_equal(head_value(r.head, "Content-Type"), "text/plain");
    assert_string_equal(head_value(r.head, "Content-Length"), "5");
    assert_string_equal(head_value(r.head, "Vary"), "Accept-Encoding");
    assert_string_equal(head_value(r.head, "Cache-Control"), "private, max-age=0, must-revalidate");
    assert_string_equal(head_value(r.head, "Access-Control-Allow-Origin"), "*");
    assert_non_null(strstr(head_value(r.head, "Access-Control-Expose-Headers"), "X-Request-Id"));
    assert_int_equal(strlen(head_value(r.head, "ETag")), 34);
    assert_null(head_value(r.head, "Connection"));
    assert_null(head_value(r.head, "Content-Encoding"));
    struct tm tm;
    char day[4], month[4];
    assert_int_equal(sscanf(head_value(r.head, "Date"), "%3s, %d %3s %d %d:%d:%d GMT", day,
                            &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec),
                     7);
    assert_int_equal(strlen(head_value(r.head, "Date")), 29);
    response_free(&r);

    client_send(&c, GET("/empty")); // an id of our own, and no body to describe
    r = client_read(&c, true);
    assert_int_equal(strlen(head_value(r.head, "X-Request-Id")), 36);
    assert_null(head_value(r.head, "Content-Length"));
    assert_null(head_value(r.head, "Content-Type"));
    assert_null(head_value(r.head, "ETag"));
    response_free(&r);
    client_close(&c);
    fixture_stop(f);
}

static void connections_end_when_asked(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        bool stays;
    } rows[] = {
        {GET("/hello"), true},
        {"GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false},
        {"GET /hello HTTP/1.0\r\n\r\n", false},
        {"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    };
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_client_socket c = client_open(f);
        client_send(&c, rows[i].request);
        struct raw_response r = client_read(&c, true);
        bool old = strstr(rows[i].request, "HTTP/1.0") != NULL;
        const char *said = head_value(r.head, "Connection");
        if (rows[i].stays) {
            assert_true(old ? strcmp(said, "keep-alive") == 0 : said == NULL);
            client_send(&c, GET("/hello"));
            client_expect(&c, 200, "hello");
        } else {
            assert_string_equal(said, "close");
            client_expect_end(&c);
        }
        response_free(&r);
        client_close(&c);
    }
    fixture_stop(f);
}

static void what_follows_a_close_is_not_answered(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, "GET /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" GET("/hello"));
    client_expect(&c, 200, "hello");
    client_expect_end(&c);
    client_close(&c);
    assert_int_equal(atomic_load(&f->handled), 1);
    fixture_stop(f);
}

static void a_half_closed_client_gets_its_answers(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/hold") GET("/hello") "GET /half");
    shutdown(c.fd, SHUT_WR);
    WAIT_FOR(atomic_load(&f->handled) == 2);
    fixture_release(f);
    client_expect(&c, 200, "/hold");
    client_expect(&c, 200, "hello");
    client_expect_end(&c);
    client_close(&c);
    fixture_stop(f);
}

static void pipelined_answers_keep_their_order(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/hold1") GET("/hello") GET("/hold2") GET("/hold3") GET("/large")
                        GET("/hello"));
    WAIT_FOR(atomic_load(&f->handled) == 6);
    fixture_release(f); // the last first
    client_expect(&c, 200, "/hold1");
    client_expect(&c, 200, "hello");
    client_expect(&c, 200, "/hold2");
    client_expect(&c, 200, "/hold3");
    struct raw_response large = client_read(&c, true);
    assert_int_equal(large.body_len, f->large_len);
    assert_memory_equal(large.body, f->large, f->large_len);
    response_free(&large);
    client_expect(&c, 200, "hello");
    client_close(&c);
    fixture_stop(f);
}

static void many_pipelined_requests(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    struct http_fixture *f = fixture_new((struct http_server_options){.max_pipelined = 4});
    struct http_client_socket c = client_open(f);
    struct buffer requests;
    buffer_init(&requests, 1 << 20);
    for (int i = 0; i < COUNT; i++)
        buffer_printf(&requests, "GET /echo?%d HTTP/1.1\r\n" HOST "\r\n", i);
    client_send_bytes(&c, requests.ptr, requests.len);
    for (int i = 0; i < COUNT; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "GET /echo|%d|||", i);
        client_expect(&c, 200, wanted);
    }
    buffer_done(&requests);
    client_close(&c);
    fixture_stop(f);
}

static void bytes_may_drip(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    const char *request = "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                          "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n" GET("/hello");
    for (const char *at = request; *at; at++)
        client_send_bytes(&c, at, 1);
    client_expect(&c, 200, "POST /echo||||abcdefg");
    client_expect(&c, 200, "hello");
    client_close(&c);
    fixture_stop(f);
}

static void large_bodies(void **state)
{
    (void)state;
    enum { SIZE = 700 * 1024 };
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    char *body = malloc(SIZE + 1);
    assert_non_null(body);
    for (size_t i = 0; i < SIZE; i++)
        body[i] = (char)('a' + i % 26);
    body[SIZE] = '\0';
    for (int chunked = 0; chunked < 2; chunked++) {
        struct http_client_socket c = client_open(f);
        char head[200];
        snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\n" HOST "%s\r\n\r\n",
                 chunked ? "Transfer-Encoding: chunked" : "Content-Length: 716800");
        client_send(&c, head);
        for (size_t at = 0; at < SIZE; at += 7 * 1024) {
            if (chunked)
                client_send(&c, "1c00\r\n");
            client_send_bytes(&c, body + at, 7 * 1024);
            if (chunked)
                client_send(&c, "\r\n");
        }
        if (chunked)
            client_send(&c, "0\r\n\r\n");
        struct raw_response r = client_read(&c, true);
        assert_int_equal(r.body_len, SIZE + strlen("POST /echo||||"));
        assert_string_equal(r.body + strlen("POST /echo||||"), body);
        response_free(&r);
        client_close(&c);
    }
    free(body);
    fixture_stop(f);
}

static void continue_when_expected(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){.max_body_bytes = 10});
    struct http_client_socket c = client_open(f);
#define EXPECT(length) \
    "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: " length "\r\n\r\n"
    client_send(&c, EXPECT("3"));
    client_expect(&c, 100, NULL);
    client_send(&c, "abc");
    client_expect(&c, 200, "POST /echo||||abc");

    // Behind an answer that is not out yet it waits for that one.
    client_send(&c, GET("/hold") EXPECT("2"));
    WAIT_FOR(atomic_load(&f->holding) == 1);
    fixture_release(f);
    client_expect(&c, 200, "/hold");
    client_expect(&c, 100, NULL);
    client_send(&c, "de");
    client_expect(&c, 200, "POST /echo||||de");

    // With the body there is nothing to ask for; without one there is nothing to wait for.
    client_send(&c, EXPECT("1") "f");
    client_expect(&c, 200, "POST /echo||||f");
    fixture_block(f);
    client_send(&c, EXPECT("3") "gh"); // seen together
    fixture_unblock(f);
    WAIT_FOR(fixture_connections(f) == 1);
    client_send(&c, "i");
    client_expect(&c, 200, "POST /echo||||ghi");
    client_send(&c, EXPECT("0"));
    client_expect(&c, 200, "POST /echo||||");

    // A body that would be refused is not asked for.
    client_send(&c, EXPECT("11"));
    client_expect(&c, 413, NULL);
    client_expect_end(&c);
    client_close(&c);
    fixture_stop(f);
}

static void head_is_get_without_its_body(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    static const char *const variants[] = {"", "Accept-Encoding: gzip\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        struct http_client_socket c = client_open(f);
        char heads[2][1024];
        for (int get = 0; get < 2; get++) {
            char request[200];
            snprintf(request, sizeof request,
                     "%s /large HTTP/1.1\r\n" HOST "X-Request-Id: same\r\n%s\r\n",
                     get ? "GET" : "HEAD", variants[i]);
            client_send(&c, request);
            struct raw_response r = client_read(&c, get);
            char *date = strstr(r.head, "Date: ");
            memset(date, 'x', 35);
            snprintf(heads[get], sizeof heads[get], "%s", r.head);
            response_free(&r);
        }
        assert_string_equal(heads[0], heads[1]);
        client_close(&c);
    }
    assert_int_equal(ask(f, "HEAD /nothing HTTP/1.1\r\n" HOST "\r\n"), 404);
    fixture_stop(f);
}

static struct raw_response get_with(struct http_client_socket *c, const char *path,
                                    const char *headers)
{
    char request[1024];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "%s\r\n", path, headers);
    client_send(c, request);
    return client_read(c, true);
}

static void codings(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    struct head_text tags[3];
    static const char *const accepts[] = {"", "Accept-Encoding: gzip\r\n",
                                          "Accept-Encoding: gzip, zstd\r\n"};
    for (size_t i = 0; i < 3; i++) {
        struct raw_response r = get_with(&c, "/large", accepts[i]);
        const char *coding = head_value(r.head, "Content-Encoding");
        char *plain = malloc(f->large_len);
        assert_non_null(plain);
        unsigned long len = f->large_len;
        if (i == 0) {
            assert_null(coding);
            memcpy(plain, r.body, r.body_len);
        } else if (i == 1) {
            assert_string_equal(coding, "gzip");
            z_stream stream = {.next_in = (unsigned char *)r.body,
                               .avail_in = (unsigned)r.body_len,
                               .next_out = (unsigned char *)plain,
                               .avail_out = (unsigned)len};
            assert_int_equal(inflateInit2(&stream, 31), Z_OK);
            assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
            len = stream.total_out;
            inflateEnd(&stream);
        } else {
            assert_string_equal(coding, "zstd");
            len = ZSTD_decompress(plain, len, r.body, r.body_len);
        }
        assert_int_equal(len, f->large_len);
        assert_memory_equal(plain, f->large, len);
        free(plain);
        assert_string_equal(head_value(r.head, "Vary"), "Accept-Encoding");
        tags[i] = head_copy(r.head, "ETag");
        response_free(&r);
    }
    assert_string_not_equal(tags[0].text, tags[1].text);
    assert_string_not_equal(tags[1].text, tags[2].text);
    // Small bodies stay as they are.
    struct raw_response r = get_with(&c, "/hello", accepts[2]);
    assert_null(head_value(r.head, "Content-Encoding"));
    response_free(&r);
    // And so do those that the handler has encoded itself.
    r = get_with(&c, "/packed", accepts[2]);
    assert_string_equal(head_value(r.head, "Content-Encoding"), "x-packed");
    assert_int_equal(r.body_len, f->large_len);
    response_free(&r);
    client_close(&c);
    fixture_stop(f);
}

static void not_modified(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    static const char *const accepts[] = {"", "Accept-Encoding: gzip\r\n",
                                          "Accept-Encoding: zstd\r\n"};
    for (size_t i = 0; i < 3; i++) {
        struct raw_response first = get_with(&c, "/large", accepts[i]);
        char headers[512];
        struct head_text tag = head_copy(first.head, "ETag");
        snprintf(headers, sizeof headers, "%sIf-None-Match: \"x\", W/%s\r\n", accepts[i], tag.text);
        struct raw_response r = get_with(&c, "/large", headers);
        assert_int_equal(r.status, 304);
        assert_string_equal(head_value(r.head, "ETag"), tag.text);
        assert_string_equal(head_value(r.head, "Vary"), "Accept-Encoding");
        assert_non_null(head_value(r.head, "Date"));
        assert_non_null(head_value(r.head, "Cache-Control"));
        assert_null(head_value(r.head, "Content-Length"));
        assert_null(head_value(r.head, "Content-Encoding"));
        response_free(&r);
        response_free(&first);

        // The tag of one coding says nothing about another.
        snprintf(headers, sizeof headers, "%sIf-None-Match: %s\r\n", accepts[(i + 1) % 3],
                 tag.text);
        r = get_with(&c, "/large", headers);
        assert_int_equal(r.status, 200);
        response_free(&r);
    }
    WAIT_FOR(atomic_load(&f->observed) == 9);
    client_send(&c, "POST /echo HTTP/1.1\r\n" HOST "If-None-Match: *\r\n\r\n");
    client_expect(&c, 200, "POST /echo||||"); // only reading can be answered so
    client_send(&c, "HEAD /hello HTTP/1.1\r\n" HOST "If-None-Match: *\r\n\r\n");
    client_expect(&c, 304, "");
    client_send(&c, "GET /nothing HTTP/1.1\r\n" HOST "If-None-Match: *\r\n\r\n");
    client_expect(&c, 404, "");
    client_close(&c);
    fixture_stop(f);
}

static void own_headers(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    struct raw_response r = get_with(&c, "/tagged", "");
    assert_string_equal(head_value(r.head, "ETag"), "\"v7\"");
    assert_string_equal(head_value(r.head, "Cache-Control"), "public");
    assert_null(strstr(r.head, "must-revalidate"));
    assert_string_equal(head_value(r.head, "X-Bad"), "a  Set-Cookie: b"); // one line stays one line
    response_free(&r);
    r = get_with(&c, "/tagged", "Accept-Encoding: gzip\r\n");
    assert_string_equal(head_value(r.head, "ETag"), "\"v7-gzip\"");
    response_free(&r);
    r = get_with(&c, "/tagged", "If-None-Match: \"v7\"\r\n");
    assert_int_equal(r.status, 304);
    response_free(&r);
    client_close(&c);
    fixture_stop(f);
}

static void traceparent_reaches_the_handler(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    struct raw_response r = get_with(
        &c, "/echo", "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n");
    assert_string_equal(r.body,
                        "GET /echo|||00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01|");
    response_free(&r);
    client_close(&c);
    fixture_stop(f);
}

static void bad_requests_are_problems(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        {"NONSENSE\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
        {"CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", 501},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" HOST "Expect: more\r\nContent-Length: 1\r\n\r\n", 417},
    };
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_client_socket c = client_open(f);
        client_send(&c, rows[i].request);
        struct raw_response r = client_read(&c, true);
        assert_int_equal(r.status, rows[i].status);
        assert_string_equal(head_value(r.head, "Content-Type"), "application/problem+json");
        assert_string_equal(head_value(r.head, "Connection"), "close");
        char wanted[160];
        struct head_text request_id = head_copy(r.head, "X-Request-Id");
        snprintf(wanted, sizeof wanted, "\"request_id\":\"%s\"", request_id.text);
        assert_non_null(strstr(r.body, wanted));
        response_free(&r);
        client_expect_end(&c);
        client_close(&c);
    }
    assert_int_equal(atomic_load(&f->handled), 0);
    assert_int_equal(atomic_load(&f->observed), ARRAY_LEN(rows));
    fixture_stop(f);
}

static void a_bad_request_waits_for_the_answers_before_it(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/hold") "NONSENSE\r\n\r\n");
    WAIT_FOR(atomic_load(&f->observed) == 1); // answered, not sent
    fixture_release(f);
    client_expect(&c, 200, "/hold");
    client_expect(&c, 400, NULL);
    client_expect_end(&c);
    client_close(&c);
    fixture_stop(f);
}

static void addresses_that_cannot_be_bound(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct loop *loop = loop_new();
    const struct http_server_options rows[] = {
        {.bind = f->address, .port = f->port, .handler = fixture_handler},
        {.bind = "nowhere", .handler = fixture_handler},
        {.bind = "192.0.2.1", .handler = fixture_handler}, // documentation: not ours
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_server *server = NULL;
        struct error error = {0};
        assert_int_equal(http_server_new(loop, &rows[i], &server, &error), ERR_IO);
        assert_non_null(strstr(error.detail, rows[i].bind));
        assert_null(server);
    }
    loop_free(loop);
    fixture_stop(f);
}

static void loops_share_a_port(void **state)
{
    (void)state;
    struct http_fixture *first = fixture_new((struct http_server_options){.reuse_port = true});
    struct http_fixture *second =
        fixture_new((struct http_server_options){.reuse_port = true, .port = first->port});
    assert_int_equal(first->port, second->port);
    for (int i = 0; i < 200 || !atomic_load(&first->handled) || !atomic_load(&second->handled);
         i++) {
        assert_int_equal(ask(first, GET("/hello")), 200);
        assert_true(i < 10000);
    }
    fixture_stop(first);
    fixture_stop(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_on_one_connection),
        cmocka_unit_test(header_lines),
        cmocka_unit_test(connections_end_when_asked),
        cmocka_unit_test(what_follows_a_close_is_not_answered),
        cmocka_unit_test(a_half_closed_client_gets_its_answers),
        cmocka_unit_test(pipelined_answers_keep_their_order),
        cmocka_unit_test(many_pipelined_requests),
        cmocka_unit_test(bytes_may_drip),
        cmocka_unit_test(large_bodies),
        cmocka_unit_test(continue_when_expected),
        cmocka_unit_test(head_is_get_without_its_body),
        cmocka_unit_test(codings),
        cmocka_unit_test(not_modified),
        cmocka_unit_test(own_headers),
        cmocka_unit_test(traceparent_reaches_the_handler),
        cmocka_unit_test(bad_requests_are_problems),
        cmocka_unit_test(a_bad_request_waits_for_the_answers_before_it),
        cmocka_unit_test(addresses_that_cannot_be_bound),
        cmocka_unit_test(loops_share_a_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
