#include "lib/http/encoding.h"
#include "lib/http/etag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

static void choice(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        enum http_encoding wanted;
    } rows[] = {
        {NULL, HTTP_ENCODING_IDENTITY},
        {"", HTTP_ENCODING_IDENTITY},
        {"gzip", HTTP_ENCODING_GZIP},
        {"GZip", HTTP_ENCODING_GZIP},
        {"x-gzip", HTTP_ENCODING_GZIP},
        {"zstd", HTTP_ENCODING_ZSTD},
        {"gzip, deflate, br, zstd", HTTP_ENCODING_ZSTD},
        {"deflate, gzip, br", HTTP_ENCODING_GZIP},
        {"br", HTTP_ENCODING_IDENTITY},
        {"gzip;q=1.0, zstd;q=0.5", HTTP_ENCODING_GZIP},
        {"gzip;q=0.5,zstd;q=0.5", HTTP_ENCODING_ZSTD},
        {"zstd;q=0, gzip", HTTP_ENCODING_GZIP},
        {"zstd;q=0.000, gzip;q=0", HTTP_ENCODING_IDENTITY},
        {"gzip; q=0.001", HTTP_ENCODING_GZIP},
        {"gzip;Q=0", HTTP_ENCODING_IDENTITY},
        {"*", HTTP_ENCODING_GZIP},
        {"*;q=0", HTTP_ENCODING_IDENTITY},
        {"*, gzip;q=0", HTTP_ENCODING_IDENTITY},
        {"identity", HTTP_ENCODING_IDENTITY},
        {"identity, gzip;q=0.5", HTTP_ENCODING_IDENTITY},
        {"identity;q=0.5, gzip;q=0.8", HTTP_ENCODING_GZIP},
        {"identity;q=0", HTTP_ENCODING_IDENTITY}, // nothing else is allowed either
        {"gzip;q=2", HTTP_ENCODING_IDENTITY},
        {"gzip;q=0.5000", HTTP_ENCODING_IDENTITY},
        {"gzip;q=", HTTP_ENCODING_IDENTITY},
        {"gzip;q=a", HTTP_ENCODING_IDENTITY},
        {"gzip;level=9", HTTP_ENCODING_GZIP},
        {",,gzip ,", HTTP_ENCODING_GZIP},
        {";q=1", HTTP_ENCODING_IDENTITY},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (http_encoding_choose(slice_from_cstr(rows[i].accept)) != rows[i].wanted)
            fail_msg("wrong choice for '%s'", rows[i].accept);
}

static void media_types(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool suits;
    } rows[] = {
        {"application/json", true},
        {"application/problem+json", true},
        {"text/html; charset=utf-8", true},
        {"Text/Calendar", true},
        {"application/atom+xml", true},
        {"application/ld+JSON;charset=utf-8", true},
        {"application/x-ndjson", true},
        {"image/svg+xml", true},
        {"image/png", false},
        {"application/octet-stream", false},
        {"json", false},
        {"", false},
        {"application/zstd", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(http_encoding_suits(slice_from_cstr(rows[i].type)), rows[i].suits);
}

static void expect_restored(enum http_encoding encoding, struct slice packed, struct slice body)
{
    char *out = malloc(body.len + 1);
    assert_non_null(out);
    size_t len = 0;
    if (encoding == HTTP_ENCODING_ZSTD) {
        len = ZSTD_decompress(out, body.len + 1, packed.ptr, packed.len);
    } else {
        z_stream stream = {0};
        assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK); // gzip's frame and nothing else
        stream.next_in = (unsigned char *)(uintptr_t)packed.ptr;
        stream.avail_in = (unsigned)packed.len;
        stream.next_out = (unsigned char *)out;
        stream.avail_out = (unsigned)body.len + 1;
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        len = stream.total_out;
        inflateEnd(&stream);
    }
    assert_int_equal(len, body.len);
    assert_memory_equal(out, body.ptr, len);
    free(out);
}

static void compressors_are_used_again(void **state)
{
    (void)state;
    struct http_encoder *encoder = http_encoder_new();
    static const size_t sizes[] = {1, 1024, 3, 3000000, 70000, 0, 1024};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char *text = malloc(sizes[i] + 1);
        assert_non_null(text);
        uint32_t noise = 1;
        for (size_t at = 0; at < sizes[i]; at++)
            text[at] = (char)((noise = noise * 1664525 + 1013904223) >> (i == 3 ? 24 : 29));
        struct slice body = {text, sizes[i]};
        for (enum http_encoding e = HTTP_ENCODING_GZIP; e < HTTP_ENCODING_COUNT; e++)
            expect_restored(e, http_encoder_run(encoder, e, body), body);
        free(text);
    }
    http_encoder_free(encoder);
    http_encoder_free(NULL);
}

static void tags_tell_bodies_apart(void **state)
{
    (void)state;
    // Every byte and the length count: short and long bodies with one bit flipped anywhere.
    char text[100] = {0};
    struct http_etag tags[1 + sizeof text * 8 + sizeof text];
    size_t count = 0;
    tags[count++] = http_etag_of_body((struct slice){text, sizeof text});
    for (size_t bit = 0; bit < sizeof text * 8; bit++) {
        text[bit / 8] = (char)(1 << bit % 8);
        tags[count++] = http_etag_of_body((struct slice){text, sizeof text});
        text[bit / 8] = 0;
    }
    for (size_t len = 0; len < sizeof text; len++)
        tags[count++] = http_etag_of_body((struct slice){text, len});
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(tags[i].len, 34);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(tags[i].text, tags[j].text, tags[i].len);
    }
    struct http_etag again = http_etag_of_body((struct slice){text, sizeof text});
    assert_memory_equal(again.text, tags[0].text, again.len);
}

static void tags_of_others(void **state)
{
    (void)state;
    static const struct {
        const char *text, *gzip; // NULL: not a tag
    } rows[] = {
        {"\"v7\"", "\"v7-gzip\""},
        {"W/\"v7\"", "W/\"v7-gzip\""},
        {"\"\"", "\"-gzip\""},
        {"v7", NULL},
        {"\"v7", NULL},
        {"\"a\"b\"", NULL},
        {"\"a b\"", NULL},
        {"", NULL},
        {"\"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_etag tag = http_etag_from_text(slice_from_cstr(rows[i].text));
        struct http_etag same = http_etag_for_encoding(tag, HTTP_ENCODING_IDENTITY);
        assert_int_equal(same.len, tag.len);
        tag = http_etag_for_encoding(tag, HTTP_ENCODING_GZIP);
        struct slice wanted = rows[i].gzip ? slice_from_cstr(rows[i].gzip) : SLICE("");
        assert_true(slice_equal((struct slice){tag.text, tag.len}, wanted));
    }
    char longest[HTTP_ETAG_MAX + 1];
    memset(longest, 'x', sizeof longest);
    longest[0] = longest[HTTP_ETAG_MAX - 1] = '"';
    struct http_etag tag = http_etag_from_text((struct slice){longest, HTTP_ETAG_MAX});
    assert_int_equal(tag.len, HTTP_ETAG_MAX);
    assert_int_equal(http_etag_for_encoding(tag, HTTP_ENCODING_ZSTD).len, 0);
    longest[HTTP_ETAG_MAX - 1] = 'x';
    longest[HTTP_ETAG_MAX] = '"';
    assert_int_equal(http_etag_from_text((struct slice){longest, sizeof longest}).len, 0);
}

static void matching(void **state)
{
    (void)state;
    static const struct {
        const char *if_none_match;
        bool matches; // "ab,c"
    } rows[] = {
        {NULL, false},
        {"", false},
        {"*", true},
        {" * ", true},
        {"\"ab,c\"", true},
        {"W/\"ab,c\"", true},
        {"\"x\", \"ab,c\"", true},
        {"\"x\",W/\"ab,c\" , \"y\"", true},
        {"\"ab\"", false},
        {"ab,c", false},
        {"\"ab,c", false},
        {"\"AB,C\"", false},
        {"\"x\", \"", false},
        {"\"", false},
    };
    struct http_etag tag = http_etag_from_text(SLICE("\"ab,c\""));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (http_etag_matches(slice_from_cstr(rows[i].if_none_match), &tag) != rows[i].matches)
            fail_msg("wrong for '%s'", rows[i].if_none_match);
    struct http_etag weak = http_etag_from_text(SLICE("W/\"ab,c\""));
    assert_true(http_etag_matches(SLICE("\"ab,c\""), &weak));
    assert_false(http_etag_matches(SLICE("*"), &(struct http_etag){.len = 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choice),
        cmocka_unit_test(media_types),
        cmocka_unit_test(compressors_are_used_again),
        cmocka_unit_test(tags_tell_bodies_apart),
        cmocka_unit_test(tags_of_others),
        cmocka_unit_test(matching),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
