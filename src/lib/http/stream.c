#include "lib/base/ensure.h"
#include "lib/http/problem.h"
#include "lib/http/server_state.h"
#include "lib/http/stream_state.h"

#include <stdio.h>

enum { MAX_WAITING_BYTES = 256 * 1024, FRAME_TEXT = 24 };

const char *http_stream_reason_name(enum http_stream_reason reason)
{
    static const char *const names[HTTP_STREAM_REASON_COUNT] = {"client_gone", "too_slow",
                                                                "draining"};
    return names[reason];
}

// Where its bytes go: answers before it may not be out yet.
static struct http_output *output_of(const struct http_stream *stream)
{
    struct http_connection *connection = stream->exchange->connection;
    return stream->exchange == STAILQ_FIRST(&connection->queue) ? &connection->output
                                                                : &stream->exchange->stream->early;
}

static bool is_chunked(const struct http_stream *stream)
{
    return stream->exchange->minor_version > 0;
}

static void put(struct http_stream *stream, struct slice bytes)
{
    struct exchange *exchange = stream->exchange;
    http_output_append(output_of(stream), &exchange->server->chunks, bytes);
    http_connection_mark_dirty(exchange->connection);
}

// ------------------------------------------------------------------------------------------------ beginning

static void send_head(struct exchange *exchange, const struct http_response *response,
                      struct http_output *output, bool close)
{
    struct http_server *server = exchange->server;
    struct http_reply reply = http_reply_of_stream(exchange, response, close);
    char *out = http_output_reserve(output, &server->chunks, reply.size_max);
    http_output_commit(output, http_reply_write(&reply, http_server_date(server), out));
}

// Nothing more is read on this connection: it ends with the last answer.
static struct http_stream *begin(struct exchange *exchange,
                                 const struct http_stream_options *options,
                                 const struct http_response *response)
{
    struct http_connection *connection = exchange->connection;
    struct http_stream *stream = ARENA_NEW(exchange->shown.arena, struct http_stream);
    *stream = (struct http_stream){.options = *options, .exchange = exchange};
    stream->wrote_ms = http_server_now_ms(exchange->server);
    stream->options.max_waiting_bytes =
        options->max_waiting_bytes ? options->max_waiting_bytes : MAX_WAITING_BYTES;
    exchange->stream = stream;
    exchange->state = HTTP_EXCHANGE_STREAMING;
    exchange->shown.is_stream = true;
    connection->last_seen = true;
    connection->stream_count++;
    exchange->server->stream_count++;
    struct http_output *output = output_of(stream);
    stream->allowed = stream->options.max_waiting_bytes + output->bytes;
    send_head(exchange, response, output, STAILQ_NEXT(exchange, link) == NULL);
    http_connection_mark_dirty(connection);
    return stream;
}

static void finish(struct http_stream *stream);

static struct http_stream *keep_unless_head(struct http_stream *stream)
{
    if (stream->exchange->shown.method != HTTP_METHOD_HEAD)
        return stream;
    finish(stream);
    return NULL;
}

struct http_stream *http_stream_begin(struct http_exchange *shown,
                                      const struct http_stream_options *options)
{
    struct exchange *exchange = exchange_of(shown);
    struct http_server *server = exchange->server;
    ensure(exchange->state == HTTP_EXCHANGE_HANDLED);
    struct http_response response = {
        .status = 200, .content_type = options->content_type, .no_etag = true, .no_store = true};
    for (size_t i = 0; i < ARRAY_LEN(options->headers); i++)
        response.headers[i] = options->headers[i];
    if (server->draining)
        http_respond_problem(shown, ERR_SHUTTING_DOWN, NULL, NULL, 0);
    else if (server->stream_count >= server->options.max_streams)
        http_respond_problem(shown, ERR_OVERLOADED, "too many streams are open here", NULL, 0);
    else if (!exchange->connection)
        http_respond(shown, &response); // into the void
    else
        return keep_unless_head(begin(exchange, options, &response));
    return NULL;
}

// -------------------------------------------------------------------------------------------------- writing

size_t http_stream_room(const struct http_stream *stream)
{
    size_t waiting = output_of(stream)->bytes + (is_chunked(stream) ? FRAME_TEXT : 0);
    return stream->doomed || waiting > stream->allowed ? 0 : stream->allowed - waiting;
}

bool http_stream_write(struct http_stream *stream, struct slice bytes)
{
    if (bytes.len > http_stream_room(stream)) {
        stream->doomed = true;
        http_connection_mark_dirty(stream->exchange->connection);
        return false;
    }
    if (bytes.len == 0) // an empty chunk would be the last one
        return true;
    stream->wrote_ms = http_server_now_ms(stream->exchange->server);
    stream->body_bytes += bytes.len;
    char size[FRAME_TEXT];
    int len = snprintf(size, sizeof size, "%zx\r\n", bytes.len);
    if (is_chunked(stream))
        put(stream, (struct slice){size, (size_t)len});
    put(stream, bytes);
    if (is_chunked(stream))
        put(stream, SLICE("\r\n"));
    return true;
}

// --------------------------------------------------------------------------------------------------- ending

static void leave(struct exchange *exchange)
{
    exchange->server->stream_count--;
    exchange->connection->stream_count--;
    http_connection_observe(exchange->server, exchange, 200, exchange->stream->body_bytes);
}

static void finish(struct http_stream *stream)
{
    struct exchange *exchange = stream->exchange;
    struct http_connection *connection = exchange->connection;
    leave(exchange);
    exchange->state = HTTP_EXCHANGE_ANSWERED;
    http_connection_send_ready(connection);
    http_connection_mark_dirty(connection);
}

void http_stream_end(struct http_stream *stream)
{
    if (is_chunked(stream))
        put(stream, SLICE("0\r\n\r\n"));
    finish(stream);
}

void http_stream_reach(struct exchange *exchange)
{
    struct http_stream *stream = exchange->stream;
    struct http_output *output = &exchange->connection->output;
    if (!stream->early.first)
        return;
    stream->allowed = stream->options.max_waiting_bytes + output->bytes;
    http_output_move(output, &stream->early);
}

void http_stream_cut(struct exchange *exchange)
{
    struct http_stream *stream = exchange->stream;
    http_output_clear(&stream->early, &exchange->server->chunks);
    if (exchange->state != HTTP_EXCHANGE_STREAMING)
        return;
    leave(exchange);
    exchange->state = HTTP_EXCHANGE_ANSWERED;
    if (stream->options.closed)
        stream->options.closed(stream->options.data,
                               stream->doomed ? HTTP_STREAM_TOO_SLOW : HTTP_STREAM_CLIENT_GONE);
}

static struct exchange *first_stream(const struct http_connection *connection)
{
    struct exchange *exchange = STAILQ_FIRST(&connection->queue);
    while (exchange && exchange->state != HTTP_EXCHANGE_STREAMING)
        exchange = STAILQ_NEXT(exchange, link);
    return exchange;
}

static void end_for_drain(struct http_stream *stream)
{
    if (stream->options.closed)
        stream->options.closed(stream->options.data, HTTP_STREAM_DRAINING);
    http_stream_end(stream);
}

bool http_stream_settle(struct http_connection *connection)
{
    for (struct exchange *e = STAILQ_FIRST(&connection->queue); e; e = STAILQ_NEXT(e, link))
        if (e->state == HTTP_EXCHANGE_STREAMING && e->stream->doomed) {
            http_connection_close(connection);
            return false;
        }
    for (struct exchange *e; connection->server->draining && (e = first_stream(connection));)
        end_for_drain(e->stream);
    return true;
}

void http_stream_check_time(struct http_connection *connection, uint64_t now_ms)
{
    for (struct exchange *e = STAILQ_FIRST(&connection->queue); e; e = STAILQ_NEXT(e, link)) {
        if (e->state != HTTP_EXCHANGE_STREAMING)
            continue;
        const struct http_stream_options *options = &e->stream->options;
        if (options->heartbeat_ms && now_ms - e->stream->wrote_ms >= options->heartbeat_ms)
            http_stream_write(e->stream, options->heartbeat);
    }
}

size_t http_server_streams(const struct http_server *server)
{
    return server->stream_count;
}
