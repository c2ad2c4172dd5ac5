#include "extractor/page/prosemirror.h"

#include "lib/base/buffer.h"
#include "lib/json/json.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *text_of(const char *json)
{
    yyjson_val *root = NULL;
    assert_int_equal(json_parse(arena, slice_from_cstr(json), &root, NULL), ERR_OK);
    struct prose_document document = prosemirror_read(arena, root);
    return arena_cstr(arena, prose_plain(arena, &document));
}

#define T(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define P(content) "{\"type\":\"paragraph\",\"content\":[" content "]}"
#define ITEM(content) "{\"type\":\"list_item\",\"content\":[" content "]}"
#define DOC(content) "{\"type\":\"doc\",\"content\":[" content "]}"
#define BREAK "{\"type\":\"hard_break\"}"

static void test_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text;
    } cases[] = {
        {DOC(P(T("One")) "," P(T("Two"))), "One\n\nTwo"},
        {DOC(P(T("a") "," BREAK "," T("b") "," BREAK "," BREAK "," T("c"))), "a\nb\n\nc"},
        {DOC("{\"type\":\"heading\",\"attrs\":{\"level\":2},\"content\":[" T("Title") "]}," P(
             T("text"))),
         "Title\n\ntext"},
        {DOC(P(T("Before")) ",{\"type\":\"bullet_list\",\"content\":[" ITEM(P(T("one"))) "," ITEM(
             P(T("two"))) "]}," P(T("after"))),
         "Before\n\n- one\n- two\n\nafter"},
        {DOC("{\"type\":\"ordered_list\",\"attrs\":{\"start\":3},\"content\":[" ITEM(
             P(T("c"))) "," ITEM(P(T("d"))) "]}"),
         "3. c\n4. d"},
        {DOC("{\"type\":\"ordered_list\",\"attrs\":{\"start\":\"x\"},\"content\":[" ITEM(
             P(T("a"))) "]}"),
         "1. a"},
        {DOC("{\"type\":\"bulletList\",\"content\":[{\"type\":\"listItem\",\"content\":[" P(
             T("a")) ",{\"type\":\"bulletList\","
                     "\"content\":[{\"type\":\"listItem\",\"content\":[" P(T("b")) "," P(
                         T("more")) "]}]}]}]}"),
         "- a\n  - b\nmore"},
        {DOC(P("{\"type\":\"text\",\"text\":\"bold\",\"marks\":[{\"type\":\"bold\"},{\"type\":"
               "\"link\",\"attrs\":{\"href\":"
               "\"https://example.com\"}}]}," T(" plain"))),
         "bold plain"},
        {DOC(P(T("\\u200b\\u200b \\u00a0Zero\\u200b width"))), "Zero width"},
        {DOC(P(T("a\\u0000b"))), "ab"},
        {DOC(P(T("a")) ",{\"type\":\"horizontal_rule\"},{\"type\":\"image\",\"attrs\":{\"src\":"
                       "\"x\"}}," P(T("b"))),
         "a\n\nb"},
        {DOC("{\"type\":\"blockquote\",\"content\":[" P(
             T("said")) "]},{\"type\":\"code_block\",\"content\":[" T("x = 1\\ny = 2") "]}"),
         "said\n\nx = 1\ny = 2"},
        {DOC("{\"type\":\"spoiler\",\"content\":[" P(T("inside")) "]}"), "inside"},
        {DOC(P(T("with ") ",{\"type\":\"mention\",\"attrs\":{\"label\":\"Ada\"}}")), "with Ada"},
        {DOC(P("") "," P("") "," P(T("last"))), "last"},
        {T("alone"), "alone"},
        // An item that says nothing itself.
        {DOC("{\"type\":\"bulletList\",\"content\":[{\"type\":\"listItem\",\"content\":["
             "{\"type\":\"bulletList\",\"content\":[" ITEM(P(T("b"))) "]}]}]}"),
         "- b"},
        // What is no document gives nothing, and wrong types are passed over.
        {"null", ""},
        {"[]", ""},
        {"\"text\"", ""},
        {"{}", ""},
        {"{\"type\":3,\"content\":{\"type\":\"text\"}}", ""},
        {DOC("1,null,\"x\",[" T("no") "],{\"type\":\"text\",\"text\":7},{\"type\":\"text\"}," P(
             T("yes"))),
         "yes"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(text_of(cases[i].json), cases[i].text);
}

static void test_depth_is_limited(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 64 * 1024 * 1024);
    enum { DEPTH = 100000 };
    for (int i = 0; i < DEPTH; i++)
        buffer_append_cstr(&json, "{\"type\":\"blockquote\",\"content\":[" T("x") ",");
    buffer_append_cstr(&json, T("deepest"));
    for (int i = 0; i < DEPTH; i++)
        buffer_append_cstr(&json, "]}");
    const char *text = text_of(buffer_slice(&json).ptr);
    assert_int_equal(text[0], 'x');
    assert_null(strstr(text, "deepest"));
    buffer_done(&json);
}

static void test_length_is_limited(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 64 * 1024 * 1024);
    buffer_append_cstr(&json, "{\"type\":\"doc\",\"content\":[");
    for (int i = 0; i < 5000; i++)
        buffer_append_cstr(&json, P(T("éééééééééééééééééééééééééééééééééééééééééééééé")) ",");
    buffer_append_cstr(&json, P(T("last")) "]}");
    const char *text = text_of(buffer_slice(&json).ptr);
    assert_in_range(strlen(text), PROSE_MAX_TEXT - 16, PROSE_MAX_TEXT + 2 * PROSE_MAX_LINES);
    assert_null(strstr(text, "last"));
    assert_null(strstr(text, "\xef\xbf\xbd")); // no character is cut in two
    buffer_done(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_depth_is_limited),
        cmocka_unit_test(test_length_is_limited),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
