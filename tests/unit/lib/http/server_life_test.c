// Clients that come and go, and the server's own end.
#include "lib/http/server.h"

#include "support/http_fixture.h"

#define HOST "Host: a\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"

// Closes with a reset, as a killed client does.
static void client_reset(struct http_client_socket *c)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    client_close(c);
}

static void clients_that_leave_before_their_answer(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    for (int reset = 0; reset < 2; reset++) {
        size_t before = atomic_load(&f->observed);
        struct http_client_socket c = client_open(f);
        client_send(&c, GET("/hold1") GET("/hello") GET("/hold2") "GET /half");
        WAIT_FOR(atomic_load(&f->handled) % 3 == 0 && atomic_load(&f->holding) == 2);
        if (reset) {
            client_reset(&c);
            WAIT_FOR(fixture_connections(f) == 0);
        } else {
            client_close(&c);
        }
        // The exchanges are still there, and answered into the void.
        fixture_release(f);
        WAIT_FOR(atomic_load(&f->observed) == before + 3);
        WAIT_FOR(fixture_connections(f) == 0);
    }
    fixture_stop(f);
}

static void clients_that_leave_in_the_middle(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "",
        "\r\n",
        "G",
        "GET /hello HTTP/1.1\r\nHo",
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10\r\nabc",
        GET("/large") GET("/large"),
        GET("/hello"),
        "NONSENSE\r\n\r\n"};
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        for (int reset = 0; reset < 2; reset++) {
            struct http_client_socket c = client_open(f);
            client_send(&c, parts[i]);
            (reset ? client_reset : client_close)(&c);
        }
    }
    WAIT_FOR(fixture_connections(f) == 0);
    assert_int_equal(ask(f, GET("/hello")), 200);
    fixture_stop(f);
}

static void thousands_of_connections(void **state)
{
    (void)state;
    enum { ROUNDS = 60, AT_ONCE = 50 };
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket clients[AT_ONCE];
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < AT_ONCE; i++) {
            clients[i] = client_open(f);
            client_send(&clients[i], GET("/hello"));
        }
        for (size_t i = 0; i < AT_ONCE; i++) {
            client_expect(&clients[i], 200, "hello");
            (i % 3 ? client_close : client_reset)(&clients[i]);
        }
    }
    WAIT_FOR(fixture_connections(f) == 0);
    assert_int_equal(atomic_load(&f->handled), ROUNDS * AT_ONCE);
    fixture_stop(f);
}

static void draining_without_connections(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    loop_post(f->loop, fixture_drain_now, f);
    WAIT_FOR(atomic_load(&f->drained));
    fixture_stop(f);
}

static bool refuses(struct http_fixture *f)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool refused = !client_connect(f, fd);
    close(fd);
    return refused;
}

static void draining_lets_requests_finish(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket idle = client_open(f), busy = client_open(f), half = client_open(f),
                              mixed = client_open(f);
    client_send(&idle, GET("/hello"));
    client_expect(&idle, 200, "hello");
    client_send(&half, "GET /hel");
    client_send(&mixed, GET("/hold3") "GET /hel");
    client_send(&busy, GET("/hold1") GET("/hold2"));
    WAIT_FOR(atomic_load(&f->holding) == 3);
    loop_post(f->loop, fixture_drain_now, f);

    client_expect_end(&idle);
    assert_true(refuses(f));
    client_close(&idle);
    client_send(&half, "lo HTTP/1.1\r\n" HOST "\r\n"); // had begun
    struct raw_response r = client_read(&half, true);
    assert_int_equal(r.status, 200);
    assert_string_equal(head_value(r.head, "Connection"), "close");
    response_free(&r);
    client_expect_end(&half);
    client_close(&half);
    assert_false(atomic_load(&f->drained));

    client_send(&busy, GET("/hello")); // too late: never read
    fixture_release(f);
    r = client_read(&busy, true);
    assert_string_equal(r.body, "/hold1");
    assert_null(head_value(r.head, "Connection"));
    response_free(&r);
    r = client_read(&busy, true);
    assert_string_equal(r.body, "/hold2");
    assert_string_equal(head_value(r.head, "Connection"), "close");
    response_free(&r);
    client_expect_end(&busy);
    client_close(&busy);

    r = client_read(&mixed, true); // not its last answer
    assert_string_equal(r.body, "/hold3");
    assert_null(head_value(r.head, "Connection"));
    response_free(&r);
    client_send(&mixed, "lo HTTP/1.1\r\n" HOST "\r\n");
    r = client_read(&mixed, true);
    assert_string_equal(r.body, "hello");
    assert_string_equal(head_value(r.head, "Connection"), "close");
    response_free(&r);
    client_expect_end(&mixed);
    client_close(&mixed);
    WAIT_FOR(atomic_load(&f->drained));
    assert_int_equal(atomic_load(&f->handled), 6);
    fixture_stop(f);
}

static void draining_waits_for_those_whose_client_has_gone(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_new((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/hold"));
    WAIT_FOR(atomic_load(&f->holding) == 1);
    client_reset(&c);
    WAIT_FOR(fixture_connections(f) == 0);
    loop_post(f->loop, fixture_drain_now, f);
    WAIT_FOR(refuses(f));
    for (int i = 0; i < 5; i++)
        fixture_connections(f);
    assert_false(atomic_load(&f->drained));
    fixture_release(f);
    WAIT_FOR(atomic_load(&f->drained));
    fixture_stop(f);
}

static void draining_has_an_end(void **state)
{
    (void)state;
    struct http_fixture *f = fixture_start((struct http_server_options){0});
    f->drain_ms = 100;
    fixture_run(f);
    struct http_client_socket c = client_open(f), gone = client_open(f);
    client_send(&c, GET("/hold"));
    client_send(&gone, GET("/hold"));
    WAIT_FOR(atomic_load(&f->holding) == 2);
    client_reset(&gone);
    WAIT_FOR(fixture_connections(f) == 1);
    loop_post(f->loop, fixture_drain_now, f);
    assert_false(client_receive(&c));
    client_close(&c);
    WAIT_FOR(atomic_load(&f->drained));
    assert_int_equal(fixture_connections(f), 0);
    fixture_stop(f); // which answers the two that are left
}

// Both orders in which a service may take itself apart.
static void freeing_with_work_under_way(void **state)
{
    (void)state;
    for (int answer_first = 0; answer_first < 2; answer_first++) {
        struct http_fixture *f = fixture_new((struct http_server_options){0});
        struct http_client_socket c = client_open(f), partial = client_open(f),
                                  idle = client_open(f);
        client_send(&c, GET("/hold") GET("/hello"));
        client_send(&partial, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nabc");
        WAIT_FOR(atomic_load(&f->handled) == 2 && fixture_connections(f) == 3);
        loop_stop(f->loop);
        pthread_join(f->thread, NULL);
        if (answer_first)
            fixture_release_now(f);
        http_server_free(f->server);
        fixture_release_now(f); // after the server was given up
        loop_free(f->loop);
        client_close(&c);
        client_close(&partial);
        client_close(&idle);
        free(f->large);
        free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_that_leave_before_their_answer),
        cmocka_unit_test(clients_that_leave_in_the_middle),
        cmocka_unit_test(thousands_of_connections),
        cmocka_unit_test(draining_without_connections),
        cmocka_unit_test(draining_lets_requests_finish),
        cmocka_unit_test(draining_waits_for_those_whose_client_has_gone),
        cmocka_unit_test(draining_has_an_end),
        cmocka_unit_test(freeing_with_work_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
