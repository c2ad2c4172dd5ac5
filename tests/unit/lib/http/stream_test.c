// Answers that last: their framing, their bounds, and every way they end.
#include "lib/http/stream.h"

#include "support/http_fixture.h"

#define HOST "Host: x\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"

enum { MAX_STREAMS = 8, WAITING_BYTES = 64 * 1024 };

// Of the loop's thread, but for the atomics.
static struct {
    struct http_stream *open[MAX_STREAMS];
    size_t count;
    struct http_exchange *held;
    uint32_t heartbeat_ms;
    atomic_size_t began, refused, closed, held_count, rejected_at;
    atomic_int reason;
} streams;

static void on_closed(void *data, enum http_stream_reason reason)
{
    struct http_stream **slot = data;
    *slot = NULL;
    atomic_store(&streams.reason, (int)reason);
    atomic_fetch_add(&streams.closed, 1);
}

static void begin(struct http_exchange *exchange)
{
    ensure(streams.count < MAX_STREAMS);
    struct http_stream **slot = &streams.open[streams.count];
    *slot = http_stream_begin(
        exchange, &(struct http_stream_options){.content_type = "text/event-stream",
                                                .headers = {{SLICE("X-Own"), SLICE("1")}},
                                                .max_waiting_bytes = WAITING_BYTES,
                                                .heartbeat = SLICE(":\n"),
                                                .heartbeat_ms = streams.heartbeat_ms,
                                                .closed = on_closed,
                                                .data = slot});
    if (*slot)
        streams.count++;
    atomic_fetch_add(*slot ? &streams.began : &streams.refused, 1);
}

static void handler(void *context, struct http_exchange *exchange)
{
    if (slice_equal(exchange->path, SLICE("/stream"))) {
        begin(exchange);
    } else if (slice_equal(exchange->path, SLICE("/hold"))) {
        streams.held = exchange;
        atomic_fetch_add(&streams.held_count, 1);
    } else {
        fixture_handler(context, exchange);
    }
}

static struct http_fixture *start(struct http_server_options options)
{
    memset(&streams, 0, sizeof streams);
    options.handler = handler;
    return fixture_new(options);
}

static void say_hello(void *data)
{
    (void)data;
    for (size_t i = 0; i < streams.count; i++)
        if (streams.open[i])
            assert_true(http_stream_write(streams.open[i], SLICE("hello")));
}

static void end_all(void *data)
{
    (void)data;
    for (size_t i = 0; i < streams.count; i++) {
        if (streams.open[i])
            http_stream_end(streams.open[i]);
        streams.open[i] = NULL;
    }
}

static void release(void *data)
{
    (void)data;
    respond_text(streams.held, "held");
}

static void begin_held(void *data)
{
    (void)data;
    begin(streams.held);
}

// Until what was received ends with text.
static void client_until(struct http_client_socket *c, const char *text)
{
    size_t len = strlen(text);
    while (c->len < len || memcmp(c->in + c->len - len, text, len) != 0)
        if (!client_receive(c))
            fail_msg("ended before \"%s\": %.*s", text, (int)c->len, c->in ? c->in : "");
}

static void stop(struct http_fixture *f)
{
    loop_post(f->loop, end_all, NULL);
    fixture_connections(f);
    fixture_stop(f);
}

static void comes_in_chunks(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/stream"));
    struct raw_response r = client_read(&c, true);
    assert_int_equal(r.status, 200);
    assert_string_equal(head_value(r.head, "Content-Type"), "text/event-stream");
    assert_string_equal(head_value(r.head, "Transfer-Encoding"), "chunked");
    assert_string_equal(head_value(r.head, "Cache-Control"), "no-store");
    assert_string_equal(head_value(r.head, "Connection"), "close");
    assert_string_equal(head_value(r.head, "X-Own"), "1");
    assert_null(head_value(r.head, "Content-Length"));
    assert_null(head_value(r.head, "ETag"));
    response_free(&r);
    loop_post(f->loop, say_hello, NULL);
    client_until(&c, "5\r\nhello\r\n");
    loop_post(f->loop, say_hello, NULL);
    client_until(&c, "5\r\nhello\r\n5\r\nhello\r\n");
    assert_int_equal(atomic_load(&f->observed), 0);
    loop_post(f->loop, end_all, NULL);
    client_until(&c, "0\r\n\r\n");
    client_take(&c, c.len);
    client_expect_end(&c);
    client_close(&c);
    WAIT_FOR(atomic_load(&f->observed) == 1);
    assert_int_equal(atomic_load(&f->observed_bytes), 10);
    assert_int_equal(atomic_load(&streams.closed), 0);
    stop(f);
}

static void old_clients_get_all_until_the_end(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    struct raw_response r = client_read(&c, true);
    assert_null(head_value(r.head, "Transfer-Encoding"));
    assert_string_equal(head_value(r.head, "Connection"), "close");
    response_free(&r);
    loop_post(f->loop, say_hello, NULL);
    loop_post(f->loop, end_all, NULL);
    client_until(&c, "hello");
    assert_int_equal(c.len, 5);
    client_take(&c, 5);
    client_expect_end(&c);
    client_close(&c);
    stop(f);
}

static void head_has_no_stream(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, "HEAD /stream HTTP/1.1\r\n" HOST "\r\n");
    struct raw_response r = client_read(&c, false);
    assert_int_equal(r.status, 200);
    assert_string_equal(head_value(r.head, "Content-Type"), "text/event-stream");
    assert_null(head_value(r.head, "Content-Length"));
    response_free(&r);
    client_expect_end(&c);
    client_close(&c);
    assert_int_equal(atomic_load(&streams.began), 0);
    assert_int_equal(atomic_load(&streams.refused), 1);
    stop(f);
}

static void the_client_goes(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    for (size_t i = 0; i < 3; i++) {
        struct http_client_socket c = client_open(f);
        client_send(&c, GET("/stream"));
        struct raw_response r = client_read(&c, true);
        response_free(&r);
        if (i == 0) { // in order
            client_close(&c);
        } else if (i == 1) { // by a reset
            setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                       sizeof(struct linger));
            client_close(&c);
        } else { // half of it: it will not come back with more, so it has gone
            shutdown(c.fd, SHUT_WR);
            while (client_receive(&c))
                ;
            client_close(&c);
        }
        WAIT_FOR(atomic_load(&streams.closed) == i + 1);
        assert_int_equal(atomic_load(&streams.reason), HTTP_STREAM_CLIENT_GONE);
    }
    WAIT_FOR(atomic_load(&f->observed) == 3);
    WAIT_FOR(fixture_connections(f) == 0);
    stop(f);
}

// Writes until the bound is met; a client that does not read gets no more than that.
static void flood(void *data)
{
    static char piece[4096];
    (void)data;
    memset(piece, 'x', sizeof piece);
    size_t written = 0;
    for (size_t i = 0; i < 64 && streams.open[0]; i++) {
        if (!http_stream_write(streams.open[0], (struct slice){piece, sizeof piece})) {
            atomic_store(&streams.rejected_at, written);
            assert_int_equal(http_stream_room(streams.open[0]), 0);
            assert_false(http_stream_write(streams.open[0], SLICE("more")));
            return;
        }
        written += sizeof piece;
    }
}

static void who_sleeps_is_dropped(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket sleeper = client_open(f);
    client_send(&sleeper, GET("/stream"));
    WAIT_FOR(atomic_load(&streams.began) == 1);
    fixture_connections(f);
    // In one turn nothing leaves: the bound alone counts.
    loop_post(f->loop, flood, NULL);
    WAIT_FOR(atomic_load(&streams.closed) == 1);
    assert_int_equal(atomic_load(&streams.reason), HTTP_STREAM_TOO_SLOW);
    size_t rejected_at = atomic_load(&streams.rejected_at);
    assert_in_range(rejected_at, WAITING_BYTES - 8192, WAITING_BYTES);
    while (client_receive(&sleeper))
        ;
    assert_true(sleeper.len < WAITING_BYTES + 4096);
    client_close(&sleeper);
    assert_int_equal(ask(f, GET("/hello")), 200);
    stop(f);
}

// Over many turns: the kernel takes some, then it is the bound again.
static void flood_slowly(void *data)
{
    static char piece[16 * 1024];
    (void)data;
    memset(piece, 'x', sizeof piece);
    if (streams.open[0])
        http_stream_write(streams.open[0], (struct slice){piece, sizeof piece});
}

static void who_never_reads_is_dropped(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket sleeper = client_open(f);
    client_send(&sleeper, GET("/stream"));
    WAIT_FOR(atomic_load(&streams.began) == 1);
    for (size_t turns = 0; !atomic_load(&streams.closed); turns++) {
        assert_true(turns < 100000);
        loop_post(f->loop, flood_slowly, NULL);
        fixture_connections(f);
    }
    assert_int_equal(atomic_load(&streams.reason), HTTP_STREAM_TOO_SLOW);
    client_close(&sleeper);
    stop(f);
}

static void pipelined_requests_wait_behind_it(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    // The first is answered late, so that the stream begins behind it; what follows the stream is never taken.
    client_send(&c, GET("/hold") GET("/stream") GET("/hello") "GET /hel");
    WAIT_FOR(atomic_load(&streams.began) == 1);
    loop_post(f->loop, say_hello, NULL);
    client_send(&c, "junk");
    assert_int_equal(atomic_load(&f->handled), 0);
    loop_post(f->loop, release, NULL);
    client_expect(&c, 200, "held");
    struct raw_response r = client_read(&c, true);
    assert_string_equal(head_value(r.head, "Connection"), "close");
    response_free(&r);
    client_until(&c, "5\r\nhello\r\n");
    loop_post(f->loop, end_all, NULL);
    client_until(&c, "5\r\nhello\r\n0\r\n\r\n");
    client_take(&c, c.len);
    client_expect_end(&c);
    client_close(&c);
    assert_int_equal(atomic_load(&f->handled), 0);

    // One that begins with requests behind it, which were read before: they get their answers afterwards.
    c = client_open(f);
    client_send(&c, GET("/hold") GET("/hello"));
    WAIT_FOR(atomic_load(&streams.held_count) == 2 && atomic_load(&f->handled) == 1);
    loop_post(f->loop, begin_held, NULL);
    r = client_read(&c, true);
    assert_null(head_value(r.head, "Connection"));
    response_free(&r);
    loop_post(f->loop, say_hello, NULL);
    loop_post(f->loop, end_all, NULL);
    client_until(&c, "hello");
    assert_non_null(strstr(c.in, "5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
    client_take(&c, c.len);
    client_expect_end(&c);
    client_close(&c);
    stop(f);
}

static void early_words_are_bounded_too(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/hold") GET("/stream"));
    WAIT_FOR(atomic_load(&streams.began) == 1);
    loop_post(f->loop, flood, NULL);
    WAIT_FOR(atomic_load(&streams.closed) == 1);
    assert_int_equal(atomic_load(&streams.reason), HTTP_STREAM_TOO_SLOW);
    loop_post(f->loop, release, NULL);
    client_close(&c);
    stop(f);
}

static void heartbeats(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){.idle_timeout_ms = 80});
    streams.heartbeat_ms = 30;
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/stream"));
    client_until(
        &c, "2\r\n:\n\r\n2\r\n:\n\r\n2\r\n:\n\r\n2\r\n:\n\r\n"); // longer than an idle one lives
    client_close(&c);
    WAIT_FOR(atomic_load(&streams.closed) == 1);
    stop(f);
}

static void only_so_many(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){.max_streams = 2});
    struct http_client_socket a = client_open(f), b = client_open(f);
    client_send(&a, GET("/stream"));
    client_send(&b, GET("/stream"));
    WAIT_FOR(atomic_load(&streams.began) == 2);
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/stream") GET("/hello"));
    struct raw_response r = client_read(&c, true);
    assert_int_equal(r.status, 503);
    assert_non_null(head_value(r.head, "Retry-After"));
    response_free(&r);
    client_expect(&c, 200, "hello"); // the connection is as good as before
    client_close(&a);
    WAIT_FOR(atomic_load(&streams.closed) == 1);
    client_send(&c, GET("/stream"));
    r = client_read(&c, true);
    assert_int_equal(r.status, 200);
    response_free(&r);
    client_close(&b);
    client_close(&c);
    WAIT_FOR(atomic_load(&streams.closed) == 3);
    stop(f);
}

static void draining_ends_them_at_once(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket c = client_open(f), late = client_open(f);
    client_send(&c, GET("/stream"));
    client_send(&late, GET("/hold"));
    WAIT_FOR(atomic_load(&streams.began) == 1 && atomic_load(&streams.held_count) == 1);
    loop_post(f->loop, say_hello, NULL);
    loop_post(f->loop, fixture_drain_now, f);
    client_until(&c, "hello\r\n0\r\n\r\n");
    client_take(&c, c.len);
    client_expect_end(&c);
    assert_int_equal(atomic_load(&streams.closed), 1);
    assert_int_equal(atomic_load(&streams.reason), HTTP_STREAM_DRAINING);
    loop_post(f->loop, begin_held, NULL); // too late for another one
    struct raw_response r = client_read(&late, true);
    assert_int_equal(r.status, 503);
    response_free(&r);
    client_close(&c);
    client_close(&late);
    WAIT_FOR(atomic_load(&f->drained));
    stop(f);
}

static void freeing_with_streams_open(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket c = client_open(f), behind = client_open(f);
    client_send(&c, GET("/stream"));
    client_send(&behind, GET("/hold") GET("/stream"));
    WAIT_FOR(atomic_load(&streams.began) == 2);
    loop_post(f->loop, say_hello, NULL);
    fixture_connections(f);
    loop_stop(f->loop);
    pthread_join(f->thread, NULL);
    http_server_free(f->server);
    assert_int_equal(atomic_load(&streams.closed), 2);
    respond_text(streams.held, "held");
    loop_free(f->loop);
    client_close(&c);
    client_close(&behind);
    free(f->large);
    free(f);
}

static void a_client_that_left_before_it_began(void **state)
{
    (void)state;
    struct http_fixture *f = start((struct http_server_options){0});
    struct http_client_socket c = client_open(f);
    client_send(&c, GET("/hold"));
    WAIT_FOR(atomic_load(&streams.held_count) == 1);
    setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    client_close(&c);
    WAIT_FOR(fixture_connections(f) == 0);
    loop_post(f->loop, begin_held, NULL);
    WAIT_FOR(atomic_load(&streams.refused) == 1);
    WAIT_FOR(atomic_load(&f->observed) == 1);
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_in_chunks),
        cmocka_unit_test(old_clients_get_all_until_the_end),
        cmocka_unit_test(head_has_no_stream),
        cmocka_unit_test(the_client_goes),
        cmocka_unit_test(who_sleeps_is_dropped),
        cmocka_unit_test(who_never_reads_is_dropped),
        cmocka_unit_test(pipelined_requests_wait_behind_it),
        cmocka_unit_test(early_words_are_bounded_too),
        cmocka_unit_test(heartbeats),
        cmocka_unit_test(only_so_many),
        cmocka_unit_test(draining_ends_them_at_once),
        cmocka_unit_test(freeing_with_streams_open),
        cmocka_unit_test(a_client_that_left_before_it_began),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
