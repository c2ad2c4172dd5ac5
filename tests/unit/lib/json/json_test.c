#include "lib/json/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void paths_lead_through_anything(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    yyjson_val *root = NULL;
    struct error error = {0};
    assert_int_equal(
        json_parse(
            arena,
            SLICE("{\"a\":[{\"b\":\"x\"},7],\"n\":null,\"f\":2.5,\"i\":3.0,\"t\":true,\"\":1}"),
            &root, &error),
        ERR_OK);
    assert_true(slice_equal(json_get_text(root, "a.0.b"), SLICE("x")));
    assert_null(json_get_text(root, "a.0.c").ptr);
    assert_null(json_get_text(root, "a.1").ptr); // of another type
    assert_null(json_get_text(root, "n").ptr);
    assert_int_equal(json_get_int(root, "a.1", -1), 7);
    assert_int_equal(json_get_int(root, "i", -1), 3);
    assert_int_equal(json_get_int(root, "f", -1), -1);
    assert_true(json_get_double(root, "f", 0) == 2.5);
    assert_true(json_get_bool(root, "t", false));
    assert_null(json_get(root, "a.2"));
    assert_null(json_get(root, "a.x.b"));
    assert_null(json_get(NULL, "a"));
    assert_int_equal(json_parse(arena, SLICE("{\"a\":}"), &root, &error), ERR_INVALID_JSON);
    assert_int_equal(json_parse(arena, SLICE(""), &root, &error), ERR_INVALID_JSON);
    arena_free(arena);
}

static void strings_are_escaped_and_repaired(void **state)
{
    (void)state;
    const struct {
        struct slice text;
        const char *json;
    } cases[] = {
        {SLICE("plain"), "\"plain\""},
        {SLICE("a\"b\\c\n\t\x01"), "\"a\\\"b\\\\c\\n\\t\\u0001\""},
        {SLICE("Zo\xc3\xab \xf0\x9f\x9a\x80"), "\"Zo\xc3\xab \xf0\x9f\x9a\x80\""},
        {SLICE("\xff\xc3"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 // no sequence at all
        {SLICE("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, // a surrogate
        {SLICE("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 // overlong
        {{0}, "null"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out;
        buffer_init(&out, 1000);
        json_append_string(&out, cases[i].text);
        assert_string_equal(out.ptr, cases[i].json);
        buffer_done(&out);
    }
}

static void the_writer_places_commas(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 1000);
    struct json_writer w = json_writer_on(&out);
    json_begin_object(&w);
    json_key(&w, "a");
    json_begin_array(&w);
    json_int(&w, 1);
    json_begin_object(&w);
    json_end_object(&w);
    json_null(&w);
    json_end_array(&w);
    json_key(&w, "b");
    json_double(&w, 0.1);
    json_key(&w, "c");
    json_double(&w, NAN);
    json_key(&w, "d");
    json_raw(&w, (struct slice){0});
    json_key(&w, "e");
    json_bool(&w, true);
    json_end_object(&w);
    assert_string_equal(out.ptr, "{\"a\":[1,{},null],\"b\":0.1,\"c\":null,\"d\":null,\"e\":true}");
    buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_lead_through_anything),
        cmocka_unit_test(strings_are_escaped_and_repaired),
        cmocka_unit_test(the_writer_places_commas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
