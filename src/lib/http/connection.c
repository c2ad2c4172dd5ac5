#include "lib/http/connection.h"

#include "lib/base/ensure.h"
#include "lib/http/problem.h"
#include "lib/http/request_head.h"
#include "lib/http/server_state.h"
#include "lib/http/stream_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    OUTPUT_HIGH = 256 * 1024, // with more than this waiting, no further request is read
    WRITE_BUFS = 64,          // of one writev
    LINGER_MS = 5000,
    LINGER_DRAINING_MS = 250,
    LINGER_BYTES = 16 * 1024 * 1024,
};

void http_connection_mark_dirty(struct http_connection *connection)
{
    if (connection->dirty || connection->closing)
        return;
    connection->dirty = true;
    TAILQ_INSERT_TAIL(&connection->server->dirty, connection, dirty_link);
}

static void unmark_dirty(struct http_connection *connection)
{
    if (connection->dirty)
        TAILQ_REMOVE(&connection->server->dirty, connection, dirty_link);
    connection->dirty = false;
}

// Answering

void http_connection_observe(struct http_server *server, const struct exchange *exchange,
                             int status, size_t body_bytes)
{
    if (server->options.observer)
        server->options.observer(server->options.context, &exchange->shown, status, body_bytes);
}

void http_connection_send_ready(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    for (struct exchange *e; (e = STAILQ_FIRST(&connection->queue));) {
        if (e->stream)
            http_stream_reach(e);
        if (e->state != HTTP_EXCHANGE_ANSWERED)
            break;
        STAILQ_REMOVE_HEAD(&connection->queue, link);
        connection->queue_count--;
        if (e->answer)
            http_output_push(&connection->output, e->answer);
        http_server_exchange_done(server, e);
    }
    connection->idle_since = http_server_now_ms(server);
}

static void answer(struct http_connection *connection, struct exchange *exchange,
                   const struct http_response *response)
{
    struct http_server *server = connection->server;
    bool is_last = STAILQ_NEXT(exchange, link) == NULL;
    if (is_last && server->draining && !connection->parser.exchange)
        connection->last_seen = true;
    struct http_reply reply =
        http_reply_decide(exchange, response, server->encoder, is_last && connection->last_seen);
    struct slice date = http_server_date(server);
    if (exchange == STAILQ_FIRST(&connection->queue)) {
        char *out = http_output_reserve(&connection->output, &server->chunks, reply.size_max);
        http_output_commit(&connection->output, http_reply_write(&reply, date, out));
    } else {
        exchange->answer = http_chunk_new(reply.size_max);
        exchange->answer->len = http_reply_write(&reply, date, exchange->answer->data);
    }
    exchange->state = HTTP_EXCHANGE_ANSWERED;
    http_connection_observe(server, exchange, reply.status, http_reply_body_bytes(&reply));
    http_connection_send_ready(connection);
    http_connection_mark_dirty(connection);
}

void http_respond(struct http_exchange *shown, const struct http_response *response)
{
    struct exchange *exchange = exchange_of(shown);
    ensure(exchange->state == HTTP_EXCHANGE_HANDLED);
    if (exchange->connection) {
        answer(exchange->connection, exchange, response);
        return;
    }
    http_connection_observe(exchange->server, exchange, response->status, 0);
    http_server_exchange_done(exchange->server, exchange);
}

// Requests

static void enqueue(struct http_connection *connection, struct exchange *exchange)
{
    exchange->server = connection->server;
    exchange->connection = connection;
    exchange->shown.peer = arena_slice(exchange->shown.arena, slice_from_cstr(connection->peer));
    exchange->state = HTTP_EXCHANGE_HANDLED;
    STAILQ_INSERT_TAIL(&connection->queue, exchange, link);
    connection->queue_count++;
    const struct http_server_options *options = &exchange->server->options;
    if (options->began)
        options->began(options->context);
}

static void dispatch(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    struct exchange *exchange = http_request_parser_take(&connection->parser);
    enqueue(connection, exchange);
    if (!exchange->keep_alive)
        connection->last_seen = true;
    // What the handler leaves to other turn-end hooks, a statement perhaps, may have missed them.
    if (server->in_turn_end)
        loop_again(server->loop);
    server->options.handler(server->options.context, &exchange->shown);
}

// Answers a request that did not come to its end. Where the next one would begin is unknown.
static void refuse(struct http_connection *connection, enum err error, const char *detail)
{
    struct exchange *exchange = http_request_parser_take(&connection->parser);
    http_request_head_identify(exchange);
    connection->last_seen = true;
    enqueue(connection, exchange);
    http_respond_problem(&exchange->shown, error, detail, NULL, 0);
}

static bool may_parse(const struct http_connection *connection)
{
    const struct http_server *server = connection->server;
    return !connection->closing && !connection->last_seen &&
           connection->queue_count < server->options.max_pipelined &&
           connection->output.bytes < OUTPUT_HIGH &&
           (!server->draining || connection->parser.exchange);
}

// Gives what is left when the connection may not go on.
static struct slice parse(struct http_connection *connection, struct slice bytes)
{
    struct http_request_parser *parser = &connection->parser;
    bool was_receiving = parser->exchange != NULL;
    while (bytes.len && may_parse(connection)) {
        switch (http_request_parser_feed(parser, &bytes)) {
        case HTTP_PARSE_MORE:
            break;
        case HTTP_PARSE_DONE:
            was_receiving = false;
            dispatch(connection);
            break;
        case HTTP_PARSE_BAD:
            refuse(connection, parser->error, parser->detail);
            break;
        }
    }
    if (parser->exchange && !was_receiving)
        connection->request_since = http_server_now_ms(connection->server);
    return bytes;
}

static void drop_pending(struct http_connection *connection)
{
    free(connection->pending);
    connection->pending = NULL;
}

// Goes on with input that had to wait; false when there is none or it has to wait on.
static bool parse_pending(struct http_connection *connection)
{
    if (!connection->pending || !may_parse(connection))
        return false;
    struct slice rest = {connection->pending + connection->pending_at,
                         connection->pending_len - connection->pending_at};
    rest = parse(connection, rest);
    if (rest.len == 0 || connection->last_seen)
        drop_pending(connection);
    else
        connection->pending_at = connection->pending_len - rest.len;
    return true;
}

// Reading

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void give_read_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    (void)suggested;
    struct http_connection *connection = handle->data;
    struct http_server *server = connection->server;
    *ret_buf = uv_buf_init(server->read_buffer, sizeof server->read_buffer);
}

static void set_reading(struct http_connection *connection, bool wanted)
{
    if (wanted == connection->reading)
        return;
    uv_stream_t *stream = (uv_stream_t *)&connection->handle;
    uint64_t now_ms = http_server_now_ms(connection->server);
    if (wanted) {
        // The client's time does not run while it is us who do not read; unless the request came out of
        // what waited here, and so begins only now.
        if (connection->request_since <= connection->paused_since)
            connection->request_since += now_ms - connection->paused_since;
        uv_read_start(stream, give_read_buffer, on_read);
    } else {
        connection->paused_since = now_ms;
        uv_read_stop(stream);
    }
    connection->reading = wanted;
}

static void take_input(struct http_connection *connection, struct slice bytes)
{
    struct slice rest = parse(connection, bytes);
    if (connection->closing)
        return;
    if (rest.len && !connection->last_seen) {
        ensure(connection->pending == NULL);
        connection->pending = malloc(rest.len);
        ensure(connection->pending != NULL);
        memcpy(connection->pending, rest.ptr, rest.len);
        connection->pending_len = rest.len;
        connection->pending_at = 0;
    }
    if (!may_parse(connection))
        set_reading(connection, false); // at once: libuv may have more in this very callback
    http_connection_mark_dirty(connection);
}

// The client sends no more, but may still wait for answers (a half-closed connection).
static void take_end(struct http_connection *connection)
{
    connection->at_end = connection->last_seen = true;
    connection->reading = false; // libuv has stopped by itself
    http_request_parser_done(&connection->parser);
    http_connection_mark_dirty(connection);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct http_connection *connection = stream->data;
    if (n == 0)
        return;
    if (n < 0 && (n != UV_EOF || connection->lingering || connection->stream_count)) {
        http_connection_close(connection);
    } else if (n < 0) {
        take_end(connection);
    } else if (connection->lingering || connection->stream_count) {
        connection->lingered_bytes += (size_t)n;
        if (connection->lingered_bytes > LINGER_BYTES)
            http_connection_close(connection);
    } else {
        take_input(connection, (struct slice){buf->base, (size_t)n});
    }
}

// Writing

static void on_written(uv_write_t *write, int status)
{
    struct http_connection *connection = write->handle->data;
    size_t written = connection->writing_bytes;
    connection->writing_bytes = 0;
    if (status < 0) {
        http_connection_close(connection);
        return;
    }
    http_output_consume(&connection->output, &connection->server->chunks, written);
    connection->idle_since = http_server_now_ms(connection->server);
    http_connection_mark_dirty(connection);
}

static size_t bytes_of(const uv_buf_t *bufs, unsigned count)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < count; i++)
        bytes += bufs[i].len;
    return bytes;
}

// The kernel takes no more for now: libuv waits for it.
static void write_later(struct http_connection *connection)
{
    uv_buf_t bufs[WRITE_BUFS];
    unsigned count = http_output_peek(&connection->output, bufs, WRITE_BUFS);
    connection->writing_bytes = connection->write_mark = bytes_of(bufs, count);
    connection->write_since = http_server_now_ms(connection->server);
    if (uv_write(&connection->write, (uv_stream_t *)&connection->handle, bufs, count, on_written)) {
        connection->writing_bytes = 0;
        http_connection_close(connection);
    }
}

static void write_out(struct http_connection *connection)
{
    while (connection->output.bytes && !connection->writing_bytes) {
        uv_buf_t bufs[WRITE_BUFS];
        unsigned count = http_output_peek(&connection->output, bufs, WRITE_BUFS);
        int n = uv_try_write((uv_stream_t *)&connection->handle, bufs, count);
        if (n < 0 && n != UV_EAGAIN) {
            http_connection_close(connection);
            return;
        }
        size_t written = n > 0 ? (size_t)n : 0;
        bool all = written == bytes_of(bufs, count);
        http_output_consume(&connection->output, &connection->server->chunks, written);
        if (!all)
            write_later(connection);
    }
}

// The client waits with its body until we want it; but only once the answers before that one are out,
// or it would take the 100 for one of them.
static void offer_to_continue(struct http_connection *connection)
{
    struct exchange *exchange = connection->parser.exchange;
    if (!exchange || !exchange->expects_continue || connection->queue_count)
        return;
    exchange->expects_continue = false;
    http_output_append(&connection->output, &connection->server->chunks,
                       SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
}

// Ends

// Closing with bytes unread would make the kernel reset the connection and the client lose the answer
// (RFC 9112 section 9.6): our side is shut down, and its rest thrown away until it closes too.
static void end_politely(struct http_connection *connection)
{
    uv_os_fd_t fd;
    if (connection->at_end || uv_fileno((uv_handle_t *)&connection->handle, &fd) != 0 ||
        shutdown(fd, SHUT_WR) != 0) {
        http_connection_close(connection);
        return;
    }
    connection->lingering = true;
    connection->linger_since = http_server_now_ms(connection->server);
    set_reading(connection, true);
}

// Nothing is taken behind a stream: what has come already is forgotten.
static bool settle_streams(struct http_connection *connection)
{
    http_request_parser_done(&connection->parser);
    drop_pending(connection);
    return http_stream_settle(connection);
}

void http_connection_finish_turn(struct http_connection *connection)
{
    const struct http_server *server = connection->server;
    unmark_dirty(connection);
    if (connection->stream_count && !settle_streams(connection))
        return;
    do {
        offer_to_continue(connection);
        write_out(connection);
    } while (parse_pending(connection));
    if (connection->closing || connection->lingering)
        return;
    bool quiet = !connection->queue_count && !connection->output.bytes;
    bool over = connection->last_seen || (server->draining && !connection->parser.exchange);
    if (quiet && over)
        end_politely(connection);
    else
        set_reading(connection,
                    connection->stream_count || (!connection->pending && may_parse(connection)));
    unmark_dirty(connection);
}

void http_connection_drain(struct http_connection *connection)
{
    http_connection_mark_dirty(connection);
}

static void check_write(struct http_connection *connection, uint64_t now_ms)
{
    uint32_t timeout_ms = connection->server->options.write_timeout_ms;
    if (!connection->writing_bytes || now_ms - connection->write_since < timeout_ms)
        return;
    // Reading a little now and then is no way to stay: it has to be a byte for every millisecond.
    size_t left = uv_stream_get_write_queue_size((uv_stream_t *)&connection->handle);
    if (connection->write_mark - left < timeout_ms)
        http_connection_close(connection);
    connection->write_mark = left;
    connection->write_since = now_ms;
}

void http_connection_check_time(struct http_connection *connection, uint64_t now_ms)
{
    const struct http_server_options *options = &connection->server->options;
    if (connection->lingering) {
        uint32_t linger_ms = connection->server->draining ? LINGER_DRAINING_MS : LINGER_MS;
        if (linger_ms > options->request_timeout_ms)
            linger_ms = options->request_timeout_ms;
        if (now_ms - connection->linger_since >= linger_ms)
            http_connection_close(connection);
        return;
    }
    check_write(connection, now_ms);
    if (connection->closing)
        return;
    if (connection->stream_count)
        http_stream_check_time(connection, now_ms);
    if (connection->parser.exchange) {
        if (connection->reading &&
            now_ms - connection->request_since >= options->request_timeout_ms)
            refuse(connection, ERR_REQUEST_TIMEOUT, "the request took too long to arrive");
    } else if (!connection->queue_count && !connection->output.bytes &&
               now_ms - connection->idle_since >= options->idle_timeout_ms) {
        http_connection_close(connection);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct http_connection *connection = handle->data;
    struct http_server *server = connection->server;
    http_output_clear(&connection->output, &server->chunks);
    drop_pending(connection);
    free(connection);
    server->connection_count--;
    http_server_connection_closed(server);
}

void http_connection_close(struct http_connection *connection)
{
    if (connection->closing)
        return;
    struct http_server *server = connection->server;
    unmark_dirty(connection);
    connection->closing = true;
    TAILQ_REMOVE(&server->connections, connection, link);
    http_request_parser_done(&connection->parser);
    for (struct exchange *e; (e = STAILQ_FIRST(&connection->queue));) {
        STAILQ_REMOVE_HEAD(&connection->queue, link);
        if (e->stream)
            http_stream_cut(e);
        e->connection = NULL;
        if (e->state == HTTP_EXCHANGE_ANSWERED) {
            http_chunk_free(&server->chunks, e->answer);
            http_server_exchange_done(server, e);
        }
    }
    connection->queue_count = 0;
    uv_close((uv_handle_t *)&connection->handle, on_closed);
}

// The beginning

static void read_peer(struct http_connection *connection)
{
    struct sockaddr_storage address;
    int len = sizeof address;
    if (uv_tcp_getpeername(&connection->handle, (struct sockaddr *)&address, &len) != 0 ||
        uv_ip_name((struct sockaddr *)&address, connection->peer, sizeof connection->peer) != 0)
        return;
    // An IPv4 client of a listener for both kinds.
    struct slice peer = slice_from_cstr(connection->peer), mapped = SLICE("::ffff:");
    if (slice_starts_with(peer, mapped))
        memmove(connection->peer, peer.ptr + mapped.len, peer.len - mapped.len + 1);
}

void http_connection_accept(struct http_server *server)
{
    struct http_connection *connection = calloc(1, sizeof *connection);
    ensure(connection != NULL);
    connection->server = server;
    connection->handle.data = connection;
    connection->idle_since = http_server_now_ms(server);
    STAILQ_INIT(&connection->queue);
    http_request_parser_init(&connection->parser, &server->limits, &server->exchanges);
    ensure(uv_tcp_init(loop_uv(server->loop), &connection->handle) == 0);
    TAILQ_INSERT_TAIL(&server->connections, connection, link);
    server->connection_count++;

    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&connection->handle) != 0) {
        http_connection_close(connection);
        return;
    }
    // Answers leave in one piece at the end of a turn; waiting for more to send only delays them.
    uv_tcp_nodelay(&connection->handle, 1);
    read_peer(connection);
    set_reading(connection, true);
}
