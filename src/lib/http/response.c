#include "lib/http/response.h"

#include "lib/base/ensure.h"
#include "lib/http/server_state.h"

#include <string.h>
#include <time.h>

enum {
    COMPRESS_FROM = 1024,    // smaller bodies fit a packet anyway
    FIXED_HEADER_MAX = 1024, // the lines below without what the handler and the client put in
};

static const struct slice cors_lines =
    SLICE_INIT("Access-Control-Allow-Origin: *\r\n"
               "Access-Control-Expose-Headers: ETag, Link, Location, RateLimit, RateLimit-Policy, "
               "Retry-After, Preference-Applied, Idempotent-Replayed, X-Request-Id\r\n");

// Deciding

static struct slice own_header(const struct http_response *response, const char *name)
{
    struct slice wanted = slice_from_cstr(name);
    for (size_t i = 0; i < ARRAY_LEN(response->headers); i++)
        if (response->headers[i].name.ptr && slice_equal_nocase(response->headers[i].name, wanted))
            return response->headers[i].value;
    return (struct slice){0};
}

static bool may_have_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static bool is_read(const struct exchange *exchange)
{
    return exchange->shown.method == HTTP_METHOD_GET || exchange->shown.method == HTTP_METHOD_HEAD;
}

static struct http_etag decide_etag(const struct http_reply *reply)
{
    struct slice given = own_header(reply->response, "ETag");
    struct http_etag tag = {.len = 0};
    if (given.ptr)
        tag = http_etag_from_text(given);
    else if (reply->status == 200 && is_read(reply->exchange) && !reply->response->no_etag)
        tag = http_etag_of_body(reply->response->body);
    return http_etag_for_encoding(tag, reply->encoding);
}

static size_t header_room(const struct http_reply *reply)
{
    size_t room = FIXED_HEADER_MAX + reply->exchange->shown.request_id.len;
    if (reply->response->content_type)
        room += strlen(reply->response->content_type);
    for (size_t i = 0; i < ARRAY_LEN(reply->response->headers); i++)
        room += reply->response->headers[i].name.len + reply->response->headers[i].value.len + 4;
    for (size_t i = 0; i < HTTP_MAX_EXTRA_HEADERS; i++)
        room += reply->exchange->shown.extra[i].name.len +
                reply->exchange->shown.extra[i].value.len + 4;
    return room;
}

struct http_reply http_reply_decide(const struct exchange *exchange,
                                    const struct http_response *response,
                                    struct http_encoder *encoder, bool close)
{
    ensure(response->status >= 200 && response->status <= 599);
    struct http_reply reply = {
        .response = response, .exchange = exchange, .status = response->status, .close = close};
    if (may_have_body(reply.status))
        reply.body = response->body;
    reply.varies = reply.body.len && response->content_type &&
                   http_encoding_suits(slice_from_cstr(response->content_type)) &&
                   !own_header(response, "Content-Encoding").ptr;
    if (reply.varies && reply.body.len >= COMPRESS_FROM)
        reply.encoding = http_encoding_choose(exchange->accept_encoding);
    reply.etag = decide_etag(&reply);
    if (reply.status == 200 && is_read(exchange) &&
        http_etag_matches(exchange->if_none_match, &reply.etag)) {
        reply.status = 304;
        reply.body = (struct slice){0};
    } else if (reply.encoding != HTTP_ENCODING_IDENTITY) {
        reply.body = http_encoder_run(encoder, reply.encoding, reply.body);
    }
    reply.size_max = header_room(&reply) + http_reply_body_bytes(&reply);
    return reply;
}

struct http_reply http_reply_of_stream(const struct exchange *exchange,
                                       const struct http_response *response, bool close)
{
    struct http_reply reply = {.response = response,
                               .exchange = exchange,
                               .status = response->status,
                               .close = close,
                               .is_stream = true};
    reply.size_max = header_room(&reply);
    return reply;
}

size_t http_reply_body_bytes(const struct http_reply *reply)
{
    return reply->exchange->shown.method == HTTP_METHOD_HEAD ? 0 : reply->body.len;
}

// Writing. The caller made room for size_max bytes, so nothing here checks again; http_reply_write does, once.

static char *put(char *at, struct slice text)
{
    if (text.len)
        memcpy(at, text.ptr, text.len);
    return at + text.len;
}
#define PUT(at, literal) ((at) = put((at), SLICE(literal)))

static char *put_number(char *at, size_t number)
{
    char digits[24], *first = digits + sizeof digits;
    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    return put(at, (struct slice){first, (size_t)(digits + sizeof digits - first)});
}

// A value of the handler may carry what a client sent; a line break in it must not become a header.
static char *put_value(char *at, struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        *at++ = (c < ' ' && c != '\t') || c == 0x7f ? ' ' : (char)c;
    }
    return at;
}

static char *put_line(char *at, struct slice name, struct slice value)
{
    at = put(at, name);
    PUT(at, ": ");
    at = put_value(at, value);
    return PUT(at, "\r\n");
}

static char *put_status(char *at, int status)
{
    PUT(at, "HTTP/1.1 ");
    at = put_number(at, (size_t)status);
    PUT(at, " ");
    at = put(at, slice_from_cstr(http_status_text(status)));
    return PUT(at, "\r\n");
}

// What describes the body. RFC 9110 section 15.4.5: a 304 carries of it only what caches need.
static char *put_body_lines(const struct http_reply *reply, char *at)
{
    if (reply->status == 304 || !may_have_body(reply->status))
        return at;
    if (reply->response->content_type && (reply->body.len || reply->is_stream))
        at = put_line(at, SLICE("Content-Type"), slice_from_cstr(reply->response->content_type));
    if (reply->encoding != HTTP_ENCODING_IDENTITY)
        at = put_line(at, SLICE("Content-Encoding"),
                      slice_from_cstr(http_encoding_name(reply->encoding)));
    if (reply->is_stream) // RFC 9112 section 6.1: HTTP/1.0 does not know chunks
        return reply->exchange->minor_version ? PUT(at, "Transfer-Encoding: chunked\r\n") : at;
    PUT(at, "Content-Length: ");
    at = put_number(at, reply->body.len);
    return PUT(at, "\r\n");
}

static char *put_cache_lines(const struct http_reply *reply, char *at)
{
    if (reply->etag.len)
        at = put_line(at, SLICE("ETag"), (struct slice){reply->etag.text, reply->etag.len});
    if (reply->varies)
        PUT(at, "Vary: Accept-Encoding\r\n");
    if (own_header(reply->response, "Cache-Control").ptr)
        return at;
    return reply->response->no_store
               ? PUT(at, "Cache-Control: no-store\r\n")
               : PUT(at, "Cache-Control: private, max-age=0, must-revalidate\r\n");
}

static char *put_connection(const struct http_reply *reply, char *at)
{
    if (reply->close)
        return PUT(at, "Connection: close\r\n");
    // An HTTP/1.0 client that asked for it wants to be told.
    return reply->exchange->minor_version == 0 ? PUT(at, "Connection: keep-alive\r\n") : at;
}

static char *put_own_headers(const struct http_reply *reply, char *at)
{
    for (size_t i = 0; i < ARRAY_LEN(reply->response->headers); i++) {
        const struct http_header *header = &reply->response->headers[i];
        if (header->name.ptr && !slice_equal_nocase(header->name, SLICE("ETag")))
            at = put_line(at, header->name, header->value);
    }
    for (size_t i = 0; i < HTTP_MAX_EXTRA_HEADERS; i++) {
        const struct http_header *header = &reply->exchange->shown.extra[i];
        if (header->name.ptr && !own_header(reply->response, header->name.ptr).ptr)
            at = put_line(at, header->name, header->value);
    }
    return at;
}

size_t http_reply_write(const struct http_reply *reply, struct slice date, char *out)
{
    char *at = put_status(out, reply->status);
    at = put_line(at, SLICE("Date"), date);
    at = put_body_lines(reply, at);
    at = put_line(at, SLICE("X-Request-Id"), reply->exchange->shown.request_id);
    at = put_cache_lines(reply, at);
    at = put_connection(reply, at);
    at = put_own_headers(reply, at);
    if (!reply->exchange->server->options.is_private)
        at = put(at, cors_lines);
    PUT(at, "\r\n");
    if (http_reply_body_bytes(reply))
        at = put(at, reply->body);
    ensure((size_t)(at - out) <= reply->size_max);
    return (size_t)(at - out);
}

static char *put_two_digits(char *at, int number)
{
    *at++ = (char)('0' + number / 10 % 10);
    *at++ = (char)('0' + number % 10);
    return at;
}

// Not strftime: its names follow the locale.
void http_format_date(int64_t unix_s, char ret_text[static HTTP_DATE_TEXT])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)unix_s;
    struct tm tm;
    ensure(gmtime_r(&seconds, &tm) != NULL);
    int year = tm.tm_year + 1900;
    char *at = put(ret_text, slice_from_cstr(days[tm.tm_wday]));
    PUT(at, ", ");
    at = put_two_digits(at, tm.tm_mday);
    PUT(at, " ");
    at = put(at, slice_from_cstr(months[tm.tm_mon]));
    PUT(at, " ");
    at = put_two_digits(put_two_digits(at, year / 100), year % 100);
    PUT(at, " ");
    at = put_two_digits(at, tm.tm_hour);
    PUT(at, ":");
    at = put_two_digits(at, tm.tm_min);
    PUT(at, ":");
    at = put_two_digits(at, tm.tm_sec);
    PUT(at, " GMT");
    *at = '\0';
}
