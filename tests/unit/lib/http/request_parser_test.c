#include "lib/http/request_parser.h"

#include "support/parse_transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static size_t limit_of(void *context, enum http_method method, struct slice path)
{
    (void)context;
    return method == HTTP_METHOD_POST && slice_equal(path, SLICE("/batch")) ? 100 : 10;
}
static const struct http_request_limits limits = {
    .header_bytes = 400, .body_bytes = 1, .body_limit = limit_of};

struct row {
    const char *bytes, *wanted;
};

// Whole, byte by byte, and in pieces of all small sizes: always the same.
static void expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice bytes = slice_from_cstr(rows[i].bytes);
        for (size_t piece = 0; piece < 20; piece++) {
            struct buffer got;
            buffer_init(&got, 1 << 20);
            transcript_of(bytes, piece, &limits, false, &got);
            if (!slice_equal(buffer_slice(&got), slice_from_cstr(rows[i].wanted)))
                fail_msg("%s\n--- in pieces of %zu gives\n%.*s--- not\n%s", rows[i].bytes, piece,
                         SLICE_FMT(buffer_slice(&got)), rows[i].wanted);
            buffer_done(&got);
        }
    }
}

#define HOST "Host: a\r\n"

static void good_requests(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", ""},
        {"\r\n\r\n", ""},
        {"GET / HTTP/1.1\r\n" HOST "\r\n", "GET /|Host:a||keep\n"},
        {"\r\nGET /a/b?c=d&e HTTP/1.1\r\n" HOST "\r\n", "GET /a/b?c=d&e|Host:a||keep\n"},
        {"GET /a? HTTP/1.1\r\n" HOST "\r\n", "GET /a?|Host:a||keep\n"},
        {"GET /a#b HTTP/1.1\r\n" HOST "\r\n", "GET /a|Host:a||keep\n"},
        {"GET http://x:1/a?b HTTP/1.1\r\n" HOST "\r\n", "GET /a?b|Host:a||keep\n"},
        {"GET http://x HTTP/1.1\r\n" HOST "\r\n", "GET /|Host:a||keep\n"},
        {"GET http://x?q HTTP/1.1\r\n" HOST "\r\n", "GET /?q|Host:a||keep\n"},
        {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "OPTIONS *|Host:a||keep\n"},
        {"GET   /a HTTP/1.1\r\n" HOST "\r\n", "GET /a|Host:a||keep\n"}, // RFC 9112, section 3: may
        {"PROPFIND / HTTP/1.1\r\n" HOST "\r\n", "OTHER /|Host:a||keep\n"},
        {"GET / HTTP/1.0\r\n\r\n", "GET /|||close\n"},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET /|Connection:keep-alive||keep\n"},
        {"GET / HTTP/1.1\r\n" HOST "connection: CLOSE\r\n\r\n",
         "GET /|Host:a,connection:CLOSE||close\n"},
        {"GET / HTTP/1.1\r\n" HOST "X:\r\nY:  \t\r\nZ: \t b c\t \r\n\r\n",
         "GET /|Host:a,X:,Y:,Z:b c||keep\n"},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET /|Host:||keep\n"},
        {"GET / HTTP/1.1\r\n" HOST "X: \xc3\xbc\r\n\r\n", "GET /|Host:a,X:\xc3\xbc||keep\n"},
        // Bodies, and what follows them.
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n" HOST "\r\n",
         "POST /|Host:a,Content-Length:3|abc|keep\nGET /2|Host:a||keep\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\nGET /2 HTTP/1.1\r\n" HOST "\r\n",
         "POST /|Host:a,Content-Length:0||keep\nGET /2|Host:a||keep\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
         "2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nTrailer: dropped\r\n\r\nGET /2 HTTP/1.1\r\n" HOST "\r\n",
         "POST /|Host:a,Transfer-Encoding:chunked|abcde|keep\nGET /2|Host:a||keep\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
         "POST /|Host:a,Transfer-Encoding:Chunked||keep\n"},
        {"GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nb",
         "GET /|Host:a,Content-Length:1|b|keep\n"},
        // An offer to speak something else is not taken up, and the connection goes on.
        {"GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
         "GET /2 HTTP/1.1\r\n" HOST "\r\n",
         "GET /|Host:a,Connection:Upgrade,Upgrade:h2c||keep\nGET /2|Host:a||keep\n"},
        {"POST / HTTP/1.1\r\n" HOST
         "Connection: Upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\nb",
         "POST /|Host:a,Connection:Upgrade,Upgrade:x,Content-Length:1|b|keep\n"},
        // Half a request is no request.
        {"GET / HTTP/1.1\r\n" HOST, ""},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nab", ""},
    };
    expect_rows(rows, ARRAY_LEN(rows));
}

static void bad_requests(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"\x16\x03\x01 hello", "!bad_request\n"}, // TLS
        {"GET\r\n\r\n", "!bad_request\n"},
        {"GET /\r\n\r\n", "!http_version\n"}, // HTTP/0.9
        {"get / HTTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"FOO / HTTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET / / HTTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET a HTTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET * HTTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET ftp://a/b HTTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET http:///b HTTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET /\x01 HTTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET / HTP/1.1\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET / HTTP/1.2\r\n" HOST "\r\n", "!http_version\n"},
        {"GET / HTTP/2.0\r\n" HOST "\r\n", "!http_version\n"},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "!http_version\n"},
        {"CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", "!not_implemented\n"},
        {"GET / HTTP/1.1\r\n\r\n", "!bad_request\n"}, // no Host
        {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "!bad_request\n"},
        // Headers
        {"GET / HTTP/1.1\r\n" HOST "X : y\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\n" HOST "X y\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\n" HOST ": y\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\n X: y\r\n" HOST "\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n", "!bad_request\n"}, // folded
        {"GET / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\n" HOST "\r\n", "!bad_request\n"}, // bare LF
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", "!bad_request\n"},
        {"GET / HTTP/1.1\r\n" HOST "X\xc3: a\r\n\r\n", "!bad_request\n"},
        // Lengths that could be read in two ways
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
         "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
         "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
         "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1 1\r\n\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n",
         "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n",
         "!not_implemented\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", "!not_implemented\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n", "!not_implemented\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n", "!not_implemented\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, gzip\r\n\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \x0b"
         "chunked\r\n\r\n",
         "!bad_request\n"},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nz\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\nb\r\n", "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nbb\r\n",
         "!bad_request\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
         "fffffffffffffffff\r\n",
         "!bad_request\n"},
        // What follows a good request is looked at by itself.
        {"GET / HTTP/1.1\r\n" HOST "\r\nxx\r\n\r\n", "GET /|Host:a||keep\n!bad_request\n"},
        // Expectations
        {"POST / HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 1\r\n\r\n",
         "!expectation_failed\n"},
        {"POST / HTTP/1.0\r\nExpect: tea\r\nContent-Length: 1\r\n\r\na",
         "POST /|Expect:tea,Content-Length:1|a|close\n"},
    };
    expect_rows(rows, ARRAY_LEN(rows));
}

static void body_limits(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n0123456789",
         "POST /|Host:a,Content-Length:10|0123456789|keep\n"},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n", "!payload_too_large\n"},
        {"POST /batch HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n01234567890",
         "POST /batch|Host:a,Content-Length:11|01234567890|keep\n"},
        {"POST /batch HTTP/1.1\r\n" HOST "Content-Length: 101\r\n\r\n", "!payload_too_large\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
         "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
         "POST /|Host:a,Transfer-Encoding:chunked|0123456789|keep\n"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
         "5\r\n01234\r\n6\r\n567890\r\n",
         "!payload_too_large\n"},
    };
    expect_rows(rows, ARRAY_LEN(rows));
}

// Appends text until the request has that many bytes up to the end of its last value.
static struct row head_of(struct arena *arena, size_t bytes, const char *filler)
{
    struct buffer text;
    buffer_init(&text, 1 << 20);
    buffer_append_cstr(&text, "GET / HTTP/1.1\r\n" HOST "X: b");
    while (text.len < bytes - 1)
        buffer_append_cstr(&text, filler);
    buffer_append_cstr(&text, "c\r\n\r\n");
    char *copy = arena_cstr(arena, buffer_slice(&text));
    buffer_done(&text);
    return (struct row){copy, "!headers_too_large\n"};
}

static void header_limits(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct row too_long = head_of(arena, limits.header_bytes + 1, "x");
    struct row blank = head_of(arena, limits.header_bytes + 1, " ");
    expect_rows(&too_long, 1);
    expect_rows(&blank, 1);

    struct row fits = head_of(arena, limits.header_bytes, "x");
    char *wanted = arena_strdup(arena, fits.bytes + strlen("GET / HTTP/1.1\r\n" HOST "X: "));
    wanted[strlen(wanted) - 4] = '\0';
    fits.wanted = arena_printf(arena, "GET /|Host:a,X:%s||keep\n", wanted);
    expect_rows(&fits, 1);

    // An endless line, an endless header and endless white space end where the limit is, too.
    static const char *const starts[] = {"GET /", "GET / HTTP/1.1\r\n",
                                         "GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\nX:"};
    static const char *const more[] = {"a", "A: b\r\n", "a", " "};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct buffer text;
        buffer_init(&text, 1 << 20);
        buffer_append_cstr(&text, starts[i]);
        while (text.len < 2 * limits.header_bytes)
            buffer_append_cstr(&text, more[i]);
        struct row row = {arena_cstr(arena, buffer_slice(&text)), "!headers_too_large\n"};
        expect_rows(&row, 1);
        buffer_done(&text);
    }
    arena_free(arena);
}

static void framing_limits(void **state)
{
    (void)state;
    static const char *const starts[] = {"1;", "0\r\n"};
    static const char *const more[] = {"extension", "Trailer: x\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct buffer text;
        buffer_init(&text, 1 << 20);
        buffer_printf(&text, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%s",
                      starts[i]);
        while (text.len < 3 * limits.header_bytes)
            buffer_append_cstr(&text, more[i]);
        struct row row = {text.ptr, "!headers_too_large\n"};
        expect_rows(&row, 1);
        buffer_done(&text);
    }
}

static void header_count(void **state)
{
    (void)state;
    const struct http_request_limits wide = {.header_bytes = 16384, .body_bytes = 1};
    for (int count = 127; count <= 128; count++) {
        struct buffer text, got;
        buffer_init(&text, 1 << 20);
        buffer_init(&got, 1 << 20);
        buffer_append_cstr(&text, "GET / HTTP/1.1\r\n" HOST);
        for (int i = 0; i < count; i++)
            buffer_append_cstr(&text, "X: y\r\n");
        buffer_append_cstr(&text, "\r\n");
        transcript_of(buffer_slice(&text), 0, &wide, false, &got);
        assert_int_equal(slice_equal(buffer_slice(&got), SLICE("!headers_too_large\n")),
                         count == 128);
        buffer_done(&text);
        buffer_done(&got);
    }
}

// Parses one request and gives its exchange, which the caller frees.
static struct exchange *parse_one(struct exchange_pool *pool, const char *text)
{
    struct http_request_parser parser;
    http_request_parser_init(&parser, &limits, pool);
    struct slice bytes = slice_from_cstr(text);
    assert_int_equal(http_request_parser_feed(&parser, &bytes), HTTP_PARSE_DONE);
    return http_request_parser_take(&parser);
}

static void request_ids(void **state)
{
    (void)state;
    static const struct {
        const char *sent;
        bool kept;
    } rows[] = {{"abc", true},  {"A-b_c.d:9", true}, {"a b", false},      {"\"a\"", false},
                {"a;b", false}, {"", false},         {"%0d%0aX:", false}, {"\xc3\xbc", false}};
    struct exchange_pool pool = {0};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct exchange *e = parse_one(
            &pool, arena_printf(arena, "GET / HTTP/1.1\r\n" HOST "X-REQUEST-ID: %s\r\n\r\n",
                                rows[i].sent));
        struct slice id = e->shown.request_id;
        assert_int_equal(slice_equal(id, slice_from_cstr(rows[i].sent)), rows[i].kept);
        assert_true(rows[i].kept || id.len == 36);
        assert_int_equal(id.ptr[id.len], '\0');
        exchange_free(&pool, e);
    }
    char longest[130] = {0};
    memset(longest, 'x', 129);
    for (size_t len = 129; len >= 128; len--) {
        longest[len] = '\0';
        struct exchange *e = parse_one(
            &pool,
            arena_printf(arena, "GET / HTTP/1.1\r\n" HOST "X-Request-Id: %s\r\n\r\n", longest));
        assert_int_equal(e->shown.request_id.len, len == 128 ? 128 : 36);
        exchange_free(&pool, e);
    }
    arena_free(arena);
    exchange_pool_done(&pool);
}

static void trace_contexts(void **state)
{
    (void)state;
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
    static const struct {
        const char *sent;
        bool kept;
    } rows[] = {
        {"00-" TRACE "-" PARENT "-01", true},
        {"00-" TRACE "-" PARENT "-01-more", false},
        {"cc-" TRACE "-" PARENT "-01-more", true},
        {"cc-" TRACE "-" PARENT "-01", true},
        {"cc-" TRACE "-" PARENT "-01.more", false},
        {"ff-" TRACE "-" PARENT "-01", false},
        {"00-00000000000000000000000000000000-" PARENT "-01", false},
        {"00-" TRACE "-0000000000000000-01", false},
        {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01", false},
        {"00-" TRACE "-" PARENT "-0", false},
        {"00-" TRACE "-" PARENT "-0x", false},
        {"00_" TRACE "-" PARENT "-01", false},
        {"x", false},
    };
    struct exchange_pool pool = {0};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct exchange *e = parse_one(
            &pool,
            arena_printf(arena, "GET / HTTP/1.1\r\n" HOST "Traceparent: %s\r\n\r\n", rows[i].sent));
        assert_int_equal(e->shown.traceparent.ptr != NULL, rows[i].kept);
        exchange_free(&pool, e);
    }
    arena_free(arena);
    exchange_pool_done(&pool);
}

static void lists_are_joined(void **state)
{
    (void)state;
    struct exchange_pool pool = {0};
    struct exchange *e =
        parse_one(&pool, "GET / HTTP/1.1\r\n" HOST
                         "Accept-Encoding: br\r\nIf-None-Match: \"a\"\r\nAccept-Encoding: gzip\r\n"
                         "If-None-Match: \"b\"\r\n\r\n");
    assert_true(slice_equal(e->accept_encoding, SLICE("br,gzip")));
    assert_true(slice_equal(e->if_none_match, SLICE("\"a\",\"b\"")));
    exchange_free(&pool, e);
    exchange_pool_done(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_requests),    cmocka_unit_test(bad_requests),
        cmocka_unit_test(body_limits),      cmocka_unit_test(header_limits),
        cmocka_unit_test(framing_limits),   cmocka_unit_test(header_count),
        cmocka_unit_test(request_ids),      cmocka_unit_test(trace_contexts),
        cmocka_unit_test(lists_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
