// The server against clients that send too much, too slowly, or do not read.
#include "lib/http/server.h"

#include "support/http_fixture.h"

#include <sys/ioctl.h>

#define HOST "Host: a\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"

static char *repeated(const char *text, size_t times)
{
    size_t len = strlen(text);
    char *all = malloc(len * times + 1);
    ensure(all != NULL);
    for (size_t i = 0; i < times; i++)
        memcpy(all + i * len, text, len);
    all[len * times] = '\0';
    return all;
}

static void headers_too_large(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){.max_header_bytes = 2000});
    struct http_client_socket other = client_open(f);
    client_send(&other, "GET /hel"); // unharmed by its neighbours
    static const char *const starts[] = {
        "GET /", "GET /hello HTTP/1.1\r\n" HOST "X: ", "GET /hello HTTP/1.1\r\n" HOST};
    static const char *const more[] = {"x", "y", "Z: z\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct http_client_socket c = client_open(f);
        client_send(&c, starts[i]);
        char *rest = repeated(more[i], 3000 / strlen(more[i]));
        client_send(&c, rest);
        free(rest);
        client_expect(&c, 431, NULL);
        client_expect_end(&c);
        client_close(&c);
    }
    client_send(&other, "lo HTTP/1.1\r\n" HOST "\r\n");
    client_expect(&other, 200, "hello");
    client_close(&other);
    fixture_stop(f);
}

static size_t limit_of(void *context, enum http_method method, struct slice path)
{
    (void)context;
    assert_int_equal(method, HTTP_METHOD_POST);
    return slice_equal(path, SLICE("/echo")) ? 20 : 10;
}

static void bodies_too_large(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        int status;
    } rows[] = {
        {"POST /hello HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n0123456789", 200},
        {"POST /hello HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n", 413},
        {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n01234567890", 200},
        {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 9999999999\r\n\r\n", 413},
        {"POST /hello HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n",
         413},
        {"POST /echo HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n",
         200},
    };
    struct http_fixture *f = fixture_new((struct http_server_options){.body_limit = limit_of});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_client_socket c = client_open(f);
        client_send(&c, rows[i].head);
        client_expect(&c, rows[i].status, NULL);
        if (rows[i].status == 413)
            client_expect_end(&c);
        client_close(&c);
    }
    fixture_stop(f);
}

// A client that sends all of a refused body before it looks still reads the answer: no reset.
static void a_refused_client_reads_the_answer(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){.max_body_bytes = 1000});
    struct http_client_socket c = client_open(f);
    client_send(&c, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4000000\r\n\r\n");
    char *body = repeated("0123456789", 400000);
    client_send(&c, body);
    free(body);
    client_expect(&c, 413, NULL);
    client_expect_end(&c);
    client_close(&c);
    WAIT_FOR(fixture_connections(f) == 0);
    fixture_stop(f);
}

// Sends until the connection breaks, without reading: gives the bytes sent.
static size_t send_without_end(struct http_client_socket *c)
{
    char *body = repeated("0123456789", 10000);
    size_t sent = 0;
    uint64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    for (ssize_t n; (n = send(c->fd, body, 100000, MSG_NOSIGNAL)) > 0; sent += (size_t)n)
        assert_true(clock_monotonic_ms() < end_ms);
    free(body);
    return sent;
}

static void lingering_has_an_end(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new(
        (struct http_server_options){.max_body_bytes = 1000, .request_timeout_ms = 100});
    struct http_client_socket c = client_open(f);
    client_send(&c, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 400000000000\r\n\r\n");
    send_without_end(&c); // in time
    client_close(&c);

    c = client_open(f); // one that does nothing more
    client_send(&c, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 400000000000\r\n\r\n");
    client_expect(&c, 413, NULL);
    client_expect_end(&c);
    WAIT_FOR(fixture_connections(f) == 0);
    client_close(&c);
    fixture_stop(f);

    f = fixture_new((struct http_server_options){.max_body_bytes = 1000});
    c = client_open(f);
    client_send(&c, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 400000000000\r\n\r\n");
    assert_true(send_without_end(&c) < 64 << 20); // and in bytes
    client_close(&c);
    fixture_stop(f);
}

static void slow_requests(void **state)
{
    (void)state;
    static const char *const starts[] = {
        "GET /he",
        "GET /hello HTTP/1.1\r\n" HOST "X: ",
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n",
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nffff\r\n",
    };
    struct http_fixture *f = fixture_new((struct http_server_options){.request_timeout_ms = 150});
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct http_client_socket c = client_open(f);
        uint64_t began_ms = clock_monotonic_ms();
        client_send(&c, starts[i]);
        // Dripping does not buy time.
        struct pollfd pollfd = {.fd = c.fd, .events = POLLIN};
        while (poll(&pollfd, 1, 10) == 0) {
            assert_true(clock_monotonic_ms() < began_ms + PATIENCE_MS);
            client_send(&c, "a");
        }
        assert_true(clock_monotonic_ms() - began_ms >= 145);
        client_expect(&c, 408, NULL);
        client_expect_end(&c);
        client_close(&c);
    }
    fixture_stop(f);
}

static void the_time_of_the_handler_is_not_the_clients(void **state)
{
    (void)state;
    struct http_fixture *f =
        fixture_new((struct http_server_options){.request_timeout_ms = 50, .idle_timeout_ms = 50});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/hold"));
    WAIT_FOR(atomic_load(&f->holding) == 1);
    // Other connections time out meanwhile, this one does not.
    for (int i = 0; i < 3; i++) {
        struct http_client_socket idle = client_open(f);
        client_expect_end(&idle);
        client_close(&idle);
    }
    fixture_release(f);
    client_expect(&c, 200, "/hold");
    client_close(&c);
    fixture_stop(f);
}

static void paused_requests_do_not_time_out(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){
        .request_timeout_ms = 1500, .idle_timeout_ms = 60, .max_pipelined = 1});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/hold") "GET /hel"); // the second is not even looked at
    WAIT_FOR(atomic_load(&f->holding) == 1);
    struct http_client_socket slow = client_open(f);
    client_send(&slow, "GET ");
    client_expect(&slow, 408, NULL);
    client_close(&slow);
    fixture_release(f);
    client_expect(&c, 200, "/hold");
    // Its time begins now: a while later, but not too late, it is still welcome.
    struct http_client_socket idle = client_open(f);
    client_expect_end(&idle);
    client_close(&idle);
    client_send(&c, "lo HTTP/1.1\r\n" HOST "\r\n");
    client_expect(&c, 200, "hello");
    client_close(&c);
    fixture_stop(f);
}

static void idle_connections_end(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){.idle_timeout_ms = 100});
    struct http_client_socket c = client_open(f);
    uint64_t began_ms = clock_monotonic_ms();
    client_expect_end(&c); // before a first request
    assert_true(clock_monotonic_ms() - began_ms >= 95);
    client_close(&c);

    c = client_open(f);
    client_send(&c, GET("/hello"));
    client_expect(&c, 200, "hello");
    client_expect_end(&c); // and after one
    client_close(&c);

    c = client_open(f); // empty lines are no sign of life
    began_ms = clock_monotonic_ms();
    struct pollfd pollfd = {.fd = c.fd, .events = POLLIN};
    while (poll(&pollfd, 1, 5) == 0) {
        assert_true(clock_monotonic_ms() < began_ms + PATIENCE_MS);
        send(c.fd, "\r\n", 2, MSG_NOSIGNAL);
    }
    client_close(&c);
    assert_int_equal(atomic_load(&f->observed), 1);
    fixture_stop(f);
}

static struct http_client_socket open_with_small_buffer(struct http_fixture *f)
{
    // Set before connecting, so that the window is small from the start.
    struct http_client_socket c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    int size = 64 * 1024;
    setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    assert_true(client_connect(f, c.fd));
    return c;
}

// Before the thread runs: what /large sends then no longer fits the kernel's buffers.
static void make_large(struct http_fixture *f, size_t len)
{
    free(f->large);
    f->large = repeated("x", len);
    f->large_len = len;
}

static void clients_that_do_not_read_are_dropped(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_start((struct http_server_options){.write_timeout_ms = 150});
    make_large(f, 16 << 20);
    fixture_run(f);
    struct http_client_socket c = open_with_small_buffer(f);
    client_send(&c, GET("/large"));
    WAIT_FOR(atomic_load(&f->observed) == 1);
    assert_int_equal(fixture_connections(f), 1);
    WAIT_FOR(fixture_connections(f) == 0);
    client_close(&c);
    fixture_stop(f);
}

static void slow_readers_get_everything(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_start((struct http_server_options){.write_timeout_ms = 800});
    make_large(f, 8 << 20);
    fixture_run(f);
    struct http_client_socket c = open_with_small_buffer(f);
    client_send(&c, GET("/large") GET("/hello"));
    uint64_t began_ms = clock_monotonic_ms();
    size_t taken = 0;
    // 8 MiB in 32 KiB steps with a rest now and then: longer than the timeout, but never long without progress.
    char piece[32768];
    while (taken < f->large_len) {
        ssize_t n = recv(c.fd, piece, sizeof piece, MSG_WAITALL);
        assert_true(n > 0);
        taken += (size_t)n;
        if (taken % (1 << 20) < sizeof piece)
            nanosleep(&(struct timespec){.tv_nsec = 120000000}, NULL);
    }
    assert_true(clock_monotonic_ms() - began_ms > 800);
    while (!c.in || !strstr(c.in, "hello"))
        assert_true(client_receive(&c));
    client_close(&c);
    fixture_stop(f);
}

// Requests are not even read while their sender does not read the answers.
static void back_pressure_on_output(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    struct http_fixture *f = fixture_start((struct http_server_options){0});
    make_large(f, 300 * 1024);
    fixture_run(f);
    struct http_client_socket c = open_with_small_buffer(f);
    char *requests = repeated(GET("/large"), COUNT); // 70 KB for 600 MB of answers
    client_send(&c, requests);
    free(requests);
    WAIT_FOR(atomic_load(&f->handled) > 0);
    size_t seen;
    do { // until it has come to a rest
        seen = atomic_load(&f->handled);
        for (int i = 0; i < 20; i++)
            fixture_connections(f);
    } while (atomic_load(&f->handled) != seen);
    assert_true(seen < 60);
    // Reading lets it go on.
    for (int i = 0; i < 100; i++) {
        struct raw_response r = client_read(&c, true);
        assert_int_equal(r.body_len, f->large_len);
        response_free(&r);
    }
    assert_true(atomic_load(&f->handled) >= 100);
    client_close(&c);
    fixture_stop(f);
}

// A request that had begun when the server stopped reading is not blamed for the time it stood still.
static void time_stands_still_under_back_pressure(void **state)
{
    (void)state;
    struct http_fixture *f =
        fixture_start((struct http_server_options){.request_timeout_ms = 1500});
    make_large(f, 16 << 20);
    fixture_run(f);
    struct http_client_socket c = open_with_small_buffer(f), slow = client_open(f);
    fixture_block(f);
    client_send(&c, GET("/hold-large") "GET /hel"); // seen together
    fixture_unblock(f);
    WAIT_FOR(atomic_load(&f->holding) == 1);
    fixture_release(f);
    client_send(&slow, "GET "); // began later
    client_expect(&slow, 408, NULL);
    client_close(&slow);
    struct raw_response r = client_read(&c, true);
    assert_int_equal(r.body_len, f->large_len);
    response_free(&r);
    client_send(&c, "lo HTTP/1.1\r\n" HOST "\r\n");
    client_expect(&c, 200, "hello");
    client_close(&c);
    fixture_stop(f);
}

// More than one read has come before the limit is reached: what was read waits, what was not stays outside.
static void back_pressure_within_a_read(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    struct http_fixture *f = fixture_new((struct http_server_options){.max_pipelined = 5});
    struct http_client_socket c = client_open(f);
    int size = 1 << 20;
    setsockopt(c.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    char *padding = repeated("x", 2400), request[3000];
    snprintf(request, sizeof request, "GET /hold HTTP/1.1\r\n" HOST "X: %s\r\n\r\n", padding);
    char *requests = repeated(request, COUNT);
    fixture_block(f);
    client_send(&c, requests);
    fixture_unblock(f);
    for (size_t answered = 0; answered < COUNT; answered += 5) {
        WAIT_FOR(atomic_load(&f->holding) == 5);
        fixture_release(f);
        for (int i = 0; i < 5; i++)
            client_expect(&c, 200, "/hold");
    }
    free(padding);
    free(requests);
    client_close(&c);
    fixture_stop(f);
}

static void back_pressure_on_requests(void **state)
{
    (void)state;
    enum { LIMIT = 8, COUNT = 50 };
    struct http_fixture *f = fixture_new((struct http_server_options){.max_pipelined = LIMIT});
    struct http_client_socket c = client_open(f);
    char *requests = repeated(GET("/hold"), COUNT);
    client_send(&c, requests);
    free(requests);
    size_t answered = 0;
    while (answered < COUNT) {
        size_t wanted = COUNT - answered < LIMIT ? COUNT - answered : LIMIT;
        WAIT_FOR(atomic_load(&f->holding) >= wanted);
        assert_true(atomic_load(&f->holding) <= LIMIT);
        size_t released = atomic_load(&f->holding);
        fixture_release(f);
        for (size_t i = 0; i < released; i++)
            client_expect(&c, 200, "/hold");
        answered += released;
    }
    assert_int_equal(answered, COUNT);
    client_close(&c);
    fixture_stop(f);
}

static void further_connections_wait(void **state)
{
    (void)state;
    enum { LIMIT = 3, COUNT = 9 };
    struct http_fixture *f = fixture_new((struct http_server_options){.max_connections = LIMIT});
    struct http_client_socket clients[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        clients[i] = client_open(f); // the kernel connects them all
        client_send(&clients[i], GET("/hello"));
    }
    for (size_t i = 0; i < COUNT; i++) {
        client_expect(&clients[i], 200, "hello");
        assert_true(fixture_connections(f) <= LIMIT);
        assert_true(atomic_load(&f->handled) <= i + LIMIT);
        client_close(&clients[i]);
    }
    WAIT_FOR(fixture_connections(f) == 0);
    fixture_stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_too_large),
        cmocka_unit_test(bodies_too_large),
        cmocka_unit_test(a_refused_client_reads_the_answer),
        cmocka_unit_test(lingering_has_an_end),
        cmocka_unit_test(slow_requests),
        cmocka_unit_test(the_time_of_the_handler_is_not_the_clients),
        cmocka_unit_test(paused_requests_do_not_time_out),
        cmocka_unit_test(idle_connections_end),
        cmocka_unit_test(clients_that_do_not_read_are_dropped),
        cmocka_unit_test(slow_readers_get_everything),
        cmocka_unit_test(back_pressure_on_output),
        cmocka_unit_test(time_stands_still_under_back_pressure),
        cmocka_unit_test(back_pressure_within_a_read),
        cmocka_unit_test(back_pressure_on_requests),
        cmocka_unit_test(further_connections_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
