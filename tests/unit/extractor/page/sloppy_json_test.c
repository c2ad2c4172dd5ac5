#include "extractor/page/sloppy_json.h"

#include "lib/json/json.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *value_of_a(const char *text)
{
    yyjson_val *root = NULL;
    struct slice clean = sloppy_json_clean(arena, slice_from_cstr(text));
    if (json_parse(arena, clean, &root, NULL) != ERR_OK)
        return "broken";
    return arena_cstr(arena, json_get_text(root, "a"));
}

static void test_clean(void **state)
{
    (void)state;
    static const struct {
        const char *text, *a;
    } cases[] = {
        {"{\"a\":\"x\"}", "x"},
        {"{\"a\":\"x\", // said\n \"b\":[1,2,],}", "x"},
        {"/* first */ {\"a\":\"x\" /* then */}", "x"},
        {"<!-- a note --> {\"a\":\"x\"}", "x"},
        {"<!-- {\"a\":\"x\"} -->", "x"},
        {"//<![CDATA[\n{\"a\":\"x\"}\n//]]>", "x"},
        {"<![CDATA[{\"a\":\"x\"}]]>", "x"},
        {"{\"a\":\"x\"};", "x"},
        {"{\"a\":\"x\"} {\"a\":\"y\"}", "x"},
        {"{\"a\":\"one\r\n\ttwo\"}", "one \n two"},
        {"{\"a\":\"it\\'s\"}", "it's"},
        {"{\"a\":\"\\ud83d\\ude00\\ud83d\"}", "\xf0\x9f\x98\x80"},
        {"{\"a\":\"https://x.example/ /* <!-- , }\"}", "https://x.example/ /* <!-- , }"},
        {"{\"a\":\"x\\\\\",}", "x\\"},
        {"{\"a\":\"x\"", "broken"},
        {"{\"a\":\"x", "broken"},
        {"{\"a\":\"\\", "broken"},
        {"", "broken"},
        {"/*", "broken"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(value_of_a(cases[i].text), cases[i].a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_clean)};
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
