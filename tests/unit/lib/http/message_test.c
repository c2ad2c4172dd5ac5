#include "lib/http/message.h"

#include "lib/base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect_text(struct slice got, const char *wanted)
{
    if (!slice_equal(got, slice_from_cstr(wanted)))
        fail_msg("got '%.*s', wanted '%s'", SLICE_FMT(got), wanted);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(http_method_name(HTTP_METHOD_DELETE), "DELETE");
    assert_string_equal(http_method_name(HTTP_METHOD_OTHER), "OTHER");
    assert_string_equal(http_status_text(200), "OK");
    assert_string_equal(http_status_text(431), "Request Header Fields Too Large");
    assert_string_equal(http_status_text(299), "Unknown");
}

static void headers_ignore_case(void **state)
{
    (void)state;
    struct http_header items[] = {{SLICE("Host"), SLICE("a")},
                                  {SLICE("x-Thing"), SLICE("1")},
                                  {SLICE("X-Thing"), SLICE("2")},
                                  {SLICE("Empty"), SLICE("")}};
    struct http_headers headers = {items, ARRAY_LEN(items)};
    expect_text(http_header_get(&headers, "HOST"), "a");
    expect_text(http_header_get(&headers, "X-THING"), "1"); // the first one
    assert_non_null(http_header_get(&headers, "empty").ptr);
    assert_null(http_header_get(&headers, "X-Thin").ptr);
    assert_null(http_header_get(&(struct http_headers){0}, "Host").ptr);
}

static void percent_decoding(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool plus;
        const char *wanted;
    } rows[] = {
        {"plain", false, "plain"},
        {"", true, ""},
        {"a+b", false, "a+b"},
        {"a+b", true, "a b"},
        {"%41%7a%C3%bc", false, "Az\xc3\xbc"},
        {"%", false, "%"},
        {"%4", false, "%4"},
        {"a%4", true, "a%4"},
        {"%zz%41", false, "%zzA"},
        {"%2", true, "%2"},
        {"%2B+", true, "+ "},
        {"100%25", false, "100%"},
        {"%%41", false, "%A"},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_text(http_url_decode(arena, slice_from_cstr(rows[i].text), rows[i].plus),
                    rows[i].wanted);
    struct slice zero = http_url_decode(arena, SLICE("a%00b"), false);
    assert_int_equal(zero.len, 3);
    arena_free(arena);
}

static void query_pairs(void **state)
{
    (void)state;
    static const struct {
        const char *query, *pairs; // "name=value;" each, decoded
    } rows[] = {
        {"", ""},
        {"a=1", "a=1;"},
        {"a=1&b=2", "a=1;b=2;"},
        {"&&a=1&&", "a=1;"},
        {"a&b=&=c", "a=;b=;=c;"},
        {"a=b=c", "a=b=c;"},
        {"q=machine+learning%26more", "q=machine learning&more;"},
        {"%61%5B%5D=%20", "a[]= ;"},
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer got;
        buffer_init(&got, 4096);
        struct slice rest = slice_from_cstr(rows[i].query);
        struct http_header pair;
        while (http_query_next(arena, &rest, &pair))
            buffer_printf(&got, "%.*s=%.*s;", SLICE_FMT(pair.name), SLICE_FMT(pair.value));
        assert_null(pair.name.ptr);
        expect_text(buffer_slice(&got), rows[i].pairs);
        buffer_done(&got);
    }
    struct slice none = {0};
    struct http_header pair;
    assert_false(http_query_next(arena, &none, &pair));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(headers_ignore_case),
        cmocka_unit_test(percent_decoding),
        cmocka_unit_test(query_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
