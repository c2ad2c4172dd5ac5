#include "lib/text/markdown.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// The same cases as those of the SQL function: tests/integration/markdown_test.py.
static void test_cases(void **state)
{
    (void)state;
    static const struct {
        const char *markdown, *text;
    } cases[] = {
        {"Plain text, 2 > 1.", "Plain text, 2 > 1."},
        {"## Looms\n\n**Ada Byron** spoke", "Looms\n\nAda Byron spoke"},
        {"a\n\n---\n\nb", "a\n\n\n\nb"},
        {"#tag\n#######  seven", "#tag\n#######  seven"},
        {"[words](https://a.example/b?c=1) x", "words x"},
        {"[**Ada**](https://a.example/\\(b\\)) [x]", "Ada [x]"},
        {"[a] (b) [c](d e) [f](g", "[a] (b) [c](d e) [f](g"},
        {"[[a](b)](c)", "[a](c)"},
        {"\\[a](b) [c\\]d](e)", "[a](b) c]d"},
        {"<https://a.example/b> <b> <mailto:a@b.example>",
         "https://a.example/b <b> mailto:a@b.example"},
        {"1\\. one \\*two\\* \\\\ \\a", "1. one *two* \\ \\a"},
        {"- one\n  - two", "- one\n  - two"},
        {"[", "["},
        {"\\", "\\"},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice text = markdown_text(arena, slice_from_cstr(cases[i].markdown));
        assert_string_equal(arena_cstr(arena, text), cases[i].text);
    }
    assert_null(markdown_text(arena, (struct slice){0}).ptr);
}

// Texts that a careless reading would go over again and again.
static void test_it_is_linear(void **state)
{
    (void)state;
    static const char *const parts[] = {"[",  "](", "[a](",    "<https://",
                                        "**", "\\", "[a](b\\", "](x)"};
    enum { BYTES = 4 * 1024 * 1024 };
    char *text = malloc(BYTES);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        size_t len = strlen(parts[i]);
        for (size_t at = 0; at < BYTES; at++)
            text[at] = parts[i][at % len];
        assert_in_range(markdown_text(arena, (struct slice){text, BYTES}).len, 0, BYTES);
        arena_reset(arena);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_it_is_linear),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
