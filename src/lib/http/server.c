#include "lib/http/server_state.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"

#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 1024, SWEEP_FASTEST_MS = 5, SWEEP_SLOWEST_MS = 250 };

uint64_t http_server_now_ms(const struct http_server *server)
{
    return uv_now(loop_uv(server->loop));
}

struct slice http_server_date(struct http_server *server)
{
    int64_t now_s = clock_unix_ms() / 1000;
    if (now_s != server->date_s) {
        server->date_s = now_s;
        http_format_date(now_s, server->date);
    }
    return (struct slice){server->date, HTTP_DATE_TEXT - 1};
}

// The end: draining and freeing are done when nothing is left that could call back

static void destroy(struct http_server *server)
{
    exchange_pool_done(&server->exchanges);
    http_chunk_pool_done(&server->chunks);
    http_encoder_free(server->encoder);
    free(server);
}

// Goes on with draining or freeing where that is possible now. The server may be gone afterwards.
static void settle(struct http_server *server)
{
    if (!server->draining || server->listening || server->connection_count)
        return;
    bool requests_left = server->exchanges.live > 0; // orphans: their clients have gone
    if (server->freed) {
        if (!requests_left)
            destroy(server);
        return;
    }
    // They are waited for too, until the time is up and the timer with it.
    if (server->drained || (requests_left && server->drain_timer))
        return;
    server->drained = true;
    loop_timer_stop(server->drain_timer);
    server->drain_timer = NULL;
    server->drain_done(server->drain_data);
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct http_server *server = handle->data;
    server->listening = false;
    settle(server);
}

static void close_listener(struct http_server *server)
{
    uv_handle_t *handle = (uv_handle_t *)&server->listener;
    if (server->listening && !uv_is_closing(handle))
        uv_close(handle, on_listener_closed);
}

static void close_connections(struct http_server *server)
{
    for (struct http_connection *c = TAILQ_FIRST(&server->connections), *next; c; c = next) {
        next = TAILQ_NEXT(c, link);
        http_connection_close(c);
    }
}

static void on_drain_timeout(void *data)
{
    struct http_server *server = data;
    loop_timer_stop(server->drain_timer);
    server->drain_timer = NULL;
    close_connections(server);
    settle(server);
}

void http_server_drain(struct http_server *server, uint32_t timeout_ms, void (*done)(void *),
                       void *data)
{
    ensure(!server->draining);
    server->draining = true;
    server->drain_done = done;
    server->drain_data = data;
    server->drain_timer = loop_after(server->loop, timeout_ms, on_drain_timeout, server);
    close_listener(server);
    for (struct http_connection *c = TAILQ_FIRST(&server->connections), *next; c; c = next) {
        next = TAILQ_NEXT(c, link);
        http_connection_drain(c);
    }
}

// Once a turn

static void on_turn_end(void *data)
{
    struct http_server *server = data;
    server->in_turn_end = true;
    for (struct http_connection *c; (c = TAILQ_FIRST(&server->dirty));)
        http_connection_finish_turn(c);
    server->in_turn_end = false;
}

void http_server_exchange_done(struct http_server *server, struct exchange *exchange)
{
    exchange_free(&server->exchanges, exchange);
    settle(server);
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    loop_off_turn_end(server->loop, on_turn_end, server);
    loop_timer_stop(server->sweep);
    loop_timer_stop(server->drain_timer);
    server->sweep = server->drain_timer = NULL;
    server->draining = server->drained = server->freed = true; // nobody is told any more
    close_listener(server);
    close_connections(server);
    settle(server);
}

// Connections

static void sweep(void *data)
{
    struct http_server *server = data;
    uint64_t now_ms = http_server_now_ms(server);
    for (struct http_connection *c = TAILQ_FIRST(&server->connections), *next; c; c = next) {
        next = TAILQ_NEXT(c, link);
        http_connection_check_time(c, now_ms);
    }
    if (TAILQ_EMPTY(&server->connections)) {
        loop_timer_stop(server->sweep);
        server->sweep = NULL;
    }
}

// Looking at all connections now and then costs less than a timer for each, set and cleared with every request.
static uint32_t sweep_interval_ms(const struct http_server_options *options)
{
    uint32_t shortest = options->request_timeout_ms;
    if (options->idle_timeout_ms < shortest)
        shortest = options->idle_timeout_ms;
    if (options->write_timeout_ms < shortest)
        shortest = options->write_timeout_ms;
    uint32_t interval = shortest / 8;
    return interval < SWEEP_FASTEST_MS   ? SWEEP_FASTEST_MS
           : interval > SWEEP_SLOWEST_MS ? SWEEP_SLOWEST_MS
                                         : interval;
}

static void accept_one(struct http_server *server)
{
    server->accept_waiting = server->connection_count >= server->options.max_connections;
    if (server->accept_waiting)
        return; // libuv stops listening until it is taken
    http_connection_accept(server);
    if (!server->sweep)
        server->sweep =
            loop_every(server->loop, sweep_interval_ms(&server->options), sweep, server);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct http_server *server = stream->data;
    if (status == 0 && !server->draining)
        accept_one(server);
}

void http_server_connection_closed(struct http_server *server)
{
    if (server->accept_waiting && !server->draining)
        accept_one(server);
    settle(server);
}

size_t http_server_connections(const struct http_server *server)
{
    return server->connection_count;
}

size_t http_server_requests(const struct http_server *server)
{
    return server->exchanges.live;
}

// The beginning

static void fill_defaults(struct http_server_options *options)
{
    const struct http_server_options defaults = {
        .bind = "127.0.0.1",
        .max_header_bytes = 16 * 1024,
        .max_body_bytes = 1024 * 1024,
        .request_timeout_ms = 10 * 1000,
        .idle_timeout_ms = 60 * 1000,
        .write_timeout_ms = 30 * 1000,
        .max_connections = 4096,
        .max_pipelined = 32,
        .max_streams = 1024,
    };
#define FILL(field) options->field = options->field ? options->field : defaults.field
    FILL(bind);
    FILL(max_header_bytes);
    FILL(max_body_bytes);
    FILL(request_timeout_ms);
    FILL(idle_timeout_ms);
    FILL(write_timeout_ms);
    FILL(max_connections);
    FILL(max_pipelined);
    FILL(max_streams);
#undef FILL
}

static int bind_and_listen(struct http_server *server)
{
    const struct http_server_options *options = &server->options;
    struct sockaddr_storage address;
    int port = options->port;
    int error = strchr(options->bind, ':')
                    ? uv_ip6_addr(options->bind, port, (struct sockaddr_in6 *)&address)
                    : uv_ip4_addr(options->bind, port, (struct sockaddr_in *)&address);
    unsigned flags = options->reuse_port ? UV_TCP_REUSEPORT : 0;
    if (!error)
        error = uv_tcp_bind(&server->listener, (const struct sockaddr *)&address, flags);
    if (!error)
        error = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    int len = sizeof address;
    if (!error)
        error = uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &len);
    if (!error) // the port stands at the same place in both kinds of address
        server->port = ntohs(((const struct sockaddr_in *)&address)->sin_port);
    return error;
}

enum err http_server_new(struct loop *loop, const struct http_server_options *options,
                         struct http_server **ret_server, struct error *ret_error)
{
    ensure(options->handler != NULL);
    struct http_server *server = calloc(1, sizeof *server);
    ensure(server != NULL);
    server->loop = loop;
    server->options = *options;
    fill_defaults(&server->options);
    server->limits = (struct http_request_limits){
        .header_bytes = server->options.max_header_bytes,
        .body_bytes = server->options.max_body_bytes,
        .body_limit = options->body_limit,
        .context = options->context,
    };
    server->encoder = http_encoder_new();
    TAILQ_INIT(&server->connections);
    TAILQ_INIT(&server->dirty);
    ensure(uv_tcp_init(loop_uv(loop), &server->listener) == 0);
    server->listener.data = server;
    server->listening = true;
    loop_on_turn_end(loop, on_turn_end, server);

    int error = bind_and_listen(server);
    if (error) {
        error_set(ret_error, ERR_IO, "cannot listen on %s port %u: %s", server->options.bind,
                  server->options.port, uv_strerror(error));
        http_server_free(server); // when the loop has closed the handle
        return ERR_IO;
    }
    *ret_server = server;
    return ERR_OK;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}
