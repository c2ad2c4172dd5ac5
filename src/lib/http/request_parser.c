#include "lib/http/request_parser.h"

#include "lib/base/ensure.h"
#include "lib/http/request_head.h"

#include <string.h>

enum {
    MAX_HEADERS = 128,
    FIRST_HEADERS = 16,
    TEXT_BLOCK = 1024,      // of names and values, in the arena
    FIRST_BODY = 64 * 1024, // a promised length is not believed beyond this before the bytes come
    HEAD_END = 4,           // "\r\n\r\n"
    FAILED = -1,            // what callbacks give llhttp to stop it
};

static const char wrong_version[] = "only HTTP/1.1 and HTTP/1.0 are spoken here";

static int fail(struct http_request_parser *parser, enum err error, const char *detail)
{
    parser->error = error;
    parser->detail = detail;
    return FAILED;
}

// Text of the header. A name or value may arrive in pieces, and grows at the end of the text so far.

static struct slice text_grow(struct http_request_parser *parser, struct slice token,
                              const char *at, size_t len)
{
    if (len == 0)
        return token;
    if ((size_t)(parser->text_end - parser->text) < len) {
        size_t size = (token.len + len) * 2;
        if (size < TEXT_BLOCK)
            size = TEXT_BLOCK;
        char *moved = arena_alloc(parser->exchange->shown.arena, size);
        if (token.len)
            memcpy(moved, token.ptr, token.len);
        token.ptr = moved;
        parser->text = moved + token.len;
        parser->text_end = moved + size;
    }
    if (!token.len)
        token.ptr = parser->text;
    memcpy(parser->text, at, len);
    parser->text += len;
    token.len += len;
    return token;
}

// Counts what was fed of this header up to `end`, white space and all. The limit is meant for what ends with
// the last value; the bytes behind it that end the header are given on top.
static int count_head(struct http_request_parser *parser, const char *end, size_t extra)
{
    if (parser->head_bytes + (size_t)(end - parser->feed) > parser->limits->header_bytes + extra)
        return fail(parser, ERR_HEADERS_TOO_LARGE, "the header passes the limit of the server");
    return 0;
}

static int count_framing(struct http_request_parser *parser, size_t len)
{
    parser->framing_bytes += len;
    if (parser->framing_bytes > parser->limits->header_bytes)
        return fail(parser, ERR_HEADERS_TOO_LARGE, "chunk extensions and trailers are too large");
    return 0;
}

// Callbacks of llhttp, in the order of a request

static int on_message_begin(llhttp_t *llhttp)
{
    struct http_request_parser *parser = llhttp->data;
    ensure(parser->exchange == NULL);
    parser->exchange = exchange_new(parser->pool);
    parser->head_done = parser->name_done = false;
    parser->head_bytes = parser->framing_bytes = parser->header_capacity = 0;
    parser->text = parser->text_end = NULL;
    return 0;
}

static enum http_method method_of(uint8_t method)
{
    static const struct {
        uint8_t theirs;
        enum http_method ours;
    } methods[] = {
        {HTTP_GET, HTTP_METHOD_GET},         {HTTP_HEAD, HTTP_METHOD_HEAD},
        {HTTP_POST, HTTP_METHOD_POST},       {HTTP_PUT, HTTP_METHOD_PUT},
        {HTTP_PATCH, HTTP_METHOD_PATCH},     {HTTP_DELETE, HTTP_METHOD_DELETE},
        {HTTP_OPTIONS, HTTP_METHOD_OPTIONS},
    };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (methods[i].theirs == method)
            return methods[i].ours;
    return HTTP_METHOD_OTHER;
}

static int on_url(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_request_parser *parser = llhttp->data;
    struct http_exchange *shown = &parser->exchange->shown;
    shown->method = method_of(llhttp_get_method(llhttp));
    if (count_head(parser, at + len, 0))
        return HPE_USER;
    shown->target = text_grow(parser, shown->target, at, len);
    return 0;
}

// The next free header; NULL when there are too many.
static struct http_header *add_header(struct http_request_parser *parser)
{
    struct http_headers *headers = &parser->exchange->shown.headers;
    if (headers->count == parser->header_capacity) {
        size_t capacity = headers->count ? headers->count * 2 : FIRST_HEADERS;
        if (capacity > MAX_HEADERS) {
            fail(parser, ERR_HEADERS_TOO_LARGE, "the request has too many headers");
            return NULL;
        }
        struct http_header *items =
            ARENA_ARRAY(parser->exchange->shown.arena, capacity, struct http_header);
        if (headers->count)
            memcpy(items, headers->items, headers->count * sizeof *items);
        headers->items = items;
        parser->header_capacity = capacity;
    }
    struct http_header *header = &headers->items[headers->count++];
    *header = (struct http_header){.value = SLICE("")};
    return header;
}

static struct http_header *last_header(struct http_request_parser *parser)
{
    struct http_headers *headers = &parser->exchange->shown.headers;
    return headers->count ? &headers->items[headers->count - 1] : NULL;
}

static int on_header_field(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_request_parser *parser = llhttp->data;
    if (parser->head_done) // a trailer: RFC 9110 section 6.5 lets us drop it
        return count_framing(parser, len) ? HPE_USER : 0;
    if (count_head(parser, at + len, 0))
        return HPE_USER;
    struct http_header *header = last_header(parser);
    if (!header || parser->name_done)
        header = add_header(parser);
    if (!header)
        return HPE_USER;
    parser->name_done = false;
    header->name = text_grow(parser, header->name, at, len);
    return 0;
}

static int on_header_field_complete(llhttp_t *llhttp)
{
    struct http_request_parser *parser = llhttp->data;
    parser->name_done = true;
    return 0;
}

static int on_header_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_request_parser *parser = llhttp->data;
    if (parser->head_done)
        return count_framing(parser, len) ? HPE_USER : 0;
    if (count_head(parser, at + len, 0))
        return HPE_USER;
    struct http_header *header = last_header(parser);
    ensure(header != NULL);
    header->value = text_grow(parser, header->value, at, len);
    return 0;
}

// llhttp drops the white space before a value, but not what stands behind it.
static void trim_values(struct http_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        headers->items[i].value = slice_trim(headers->items[i].value);
}

static int check_body_length(struct http_request_parser *parser)
{
    const struct http_request_limits *limits = parser->limits;
    struct exchange *exchange = parser->exchange;
    const llhttp_t *llhttp = &parser->llhttp;
    exchange->body_limit =
        limits->body_limit
            ? limits->body_limit(limits->context, exchange->shown.method, exchange->shown.path)
            : limits->body_bytes;
    if ((llhttp->flags & F_CONTENT_LENGTH) && llhttp->content_length > exchange->body_limit)
        return fail(parser, ERR_PAYLOAD_TOO_LARGE, "the body passes the limit of this address");
    return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
    struct http_request_parser *parser = llhttp->data;
    struct exchange *exchange = parser->exchange;
    parser->head_done = true;
    if (llhttp_get_http_major(llhttp) != 1)
        return fail(parser, ERR_HTTP_VERSION, wrong_version);
    if (llhttp_get_method(llhttp) == HTTP_CONNECT)
        return fail(parser, ERR_NOT_IMPLEMENTED, "this is not a proxy");
    exchange->minor_version = llhttp_get_http_minor(llhttp);
    trim_values(&exchange->shown.headers);
    bool has_body = (llhttp->flags & F_CHUNKED) || llhttp->content_length > 0;
    const char *detail = NULL;
    enum err error = http_request_head_read(exchange, has_body, &detail);
    if (error)
        return fail(parser, error, detail);
    // An offer to upgrade (curl --http2 makes one) is passed over: RFC 9110 section 7.8.
    llhttp->upgrade = 0;
    return has_body ? check_body_length(parser) : 0;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_request_parser *parser = llhttp->data;
    struct exchange *exchange = parser->exchange;
    struct slice *body = &exchange->shown.body;
    struct buffer *pieces = &exchange->long_body;
    exchange->expects_continue = false;
    if (len > exchange->body_limit - body->len) {
        fail(parser, ERR_PAYLOAD_TOO_LARGE, "the body passes the limit of this address");
        return HPE_USER;
    }
    if (!pieces->ptr) {
        buffer_init(pieces, exchange->body_limit);
        size_t promised = (llhttp->flags & F_CHUNKED) ? 0 : llhttp->content_length;
        buffer_reserve(pieces, promised < FIRST_BODY ? promised : FIRST_BODY);
    }
    buffer_append(pieces, (struct slice){at, len});
    ensure(!pieces->overflow);
    *body = buffer_slice(pieces);
    return 0;
}

static int on_chunk_extension(llhttp_t *llhttp, const char *at, size_t len)
{
    (void)at;
    return count_framing(llhttp->data, len) ? HPE_USER : 0;
}

static int on_message_complete(llhttp_t *llhttp)
{
    struct http_request_parser *parser = llhttp->data;
    parser->exchange->is_complete = true;
    parser->exchange->keep_alive = llhttp_should_keep_alive(llhttp);
    return HPE_PAUSED; // the rest of the input waits until the caller asks for the next request
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_chunk_extension_name = on_chunk_extension,
    .on_chunk_extension_value = on_chunk_extension,
    .on_message_complete = on_message_complete,
};

void http_request_parser_init(struct http_request_parser *parser,
                              const struct http_request_limits *limits, struct exchange_pool *pool)
{
    *parser = (struct http_request_parser){.limits = limits, .pool = pool};
    llhttp_init(&parser->llhttp, HTTP_REQUEST, &settings);
    parser->llhttp.data = parser;
}

// llhttp calls a bad end of the request line a bad version, too.
static bool is_other_version(const struct http_request_parser *parser, llhttp_errno_t code)
{
    const llhttp_t *llhttp = &parser->llhttp;
    return code == HPE_PAUSED_H2_UPGRADE ||
           (code == HPE_INVALID_VERSION && !(llhttp->http_major == 1 && llhttp->http_minor <= 1));
}

static enum http_parse_result give_up(struct http_request_parser *parser, llhttp_errno_t code)
{
    if (!parser->error && is_other_version(parser, code))
        fail(parser, ERR_HTTP_VERSION, wrong_version);
    if (!parser->error)
        fail(parser, ERR_BAD_REQUEST, llhttp_get_error_reason(&parser->llhttp));
    if (!parser->exchange)
        parser->exchange = exchange_new(parser->pool);
    http_request_head_identify(parser->exchange);
    return HTTP_PARSE_BAD;
}

enum http_parse_result http_request_parser_feed(struct http_request_parser *parser,
                                                struct slice *bytes)
{
    ensure(parser->error == ERR_OK && !(parser->exchange && parser->exchange->is_complete));
    parser->feed = bytes->ptr;
    const char *end = bytes->ptr + bytes->len;
    llhttp_errno_t code = llhttp_execute(&parser->llhttp, bytes->ptr, bytes->len);
    if (code == HPE_PAUSED && parser->exchange && parser->exchange->is_complete) {
        const char *rest = llhttp_get_error_pos(&parser->llhttp);
        ensure(rest >= bytes->ptr && rest <= end);
        *bytes = (struct slice){rest, (size_t)(end - rest)};
        llhttp_resume(&parser->llhttp);
        return HTTP_PARSE_DONE;
    }
    if (code != HPE_OK)
        return give_up(parser, code);
    if (parser->exchange && !parser->head_done) {
        if (count_head(parser, end, HEAD_END))
            return give_up(parser, HPE_USER);
        parser->head_bytes += bytes->len;
    }
    *bytes = (struct slice){end, 0};
    return HTTP_PARSE_MORE;
}

struct exchange *http_request_parser_take(struct http_request_parser *parser)
{
    struct exchange *exchange = parser->exchange;
    parser->exchange = NULL;
    return exchange;
}

void http_request_parser_done(struct http_request_parser *parser)
{
    exchange_free(parser->pool, http_request_parser_take(parser));
}
