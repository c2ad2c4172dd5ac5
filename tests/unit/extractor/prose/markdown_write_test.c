#include "extractor/prose/markdown.h"
#include "support/arena_fixture.h"
#include "support/same_prose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *rewritten(const char *markdown)
{
    struct prose_document document = markdown_read(arena, slice_from_cstr(markdown));
    assert_true(same_prose_again(arena, &document));
    return arena_cstr(arena, prose_markdown(arena, &document));
}

static void test_what_is_written_as_it_is(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "## Looms & engines\n\nOne paragraph.\n\nAnother.",
        "**ab**c**de**f",
        "# C# and F\\#\n\n###### Deep",
        "**Bold** and [words](https://example.com/a?b=1&c=2), [**both**](https://example.com)x",
        "- one\n  - nested\n    1. first\n    2. second\n  - again\n- two\n\nend",
        "3. three\n4. four",
        "one line  \nand the next\n\n- an item  \n  its second line\n- another",
        "before\n\n---\n\nafter",
        "a_name, snake_case, 2 > 1, ~50 people, AT&T, 5 - 3, #1 of 3? 10.5 + 2, you!",
        "see <https://example.com/a_b> or mail us",
        "<https://example.com/*>",
        "1. one\n2. two\n\n1) again\n2) and on",
        "- - deep without what is around it",
        "- a\n  - b\n    - c\n      - d\n        - e\n          - f\n            - g\n- h",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_string_equal(rewritten(texts[i]), texts[i]);
}

static struct prose_document document_of(enum prose_kind kind, const char *text)
{
    struct prose_writer *writer = prose_writer_new(arena);
    prose_write_block(writer, kind, 1, 0);
    prose_write_text(writer, slice_from_cstr(text), (struct prose_style){0});
    return prose_finish(writer);
}

// Text that would be a mark is escaped, in a paragraph and in an item.
static void test_what_is_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *markdown;
    } cases[] = {
        {"# one", "\\# one"},
        {"#tag", "\\#tag"},
        {"- one", "\\- one"},
        {"-", "\\-"},
        {"---", "\\---"},
        {"+ one", "\\+ one"},
        {"> one", "\\> one"},
        {"===", "\\==="},
        {"1. one", "1\\. one"},
        {"12) one", "12\\) one"},
        {"|--|--|", "\\|--|--|"},
        {"a * b *c*", "a \\* b \\*c\\*"},
        {"_a_ a_b", "\\_a\\_ a_b"},
        {"_____", "\\_____"},
        {"a ____ b ____c", "a ____ b \\_\\_\\_\\_c"},
        {"`a`", "\\`a\\`"},
        {"[a](b) [x]: y", "\\[a](b) \\[x]: y"},
        {"a \\ b", "a \\\\ b"},
        {"<b>a</b> a<b 1 < 2", "\\<b>a\\</b> a\\<b 1 < 2"},
        {"&amp; &#38; & AT&T", "\\&amp; \\&#38; & AT&T"},
        {"~~a~~ ~5", "\\~\\~a\\~\\~ ~5"},
        {"https://a.example/*b*", "https\\://a.example/\\*b\\*"},
        {"2024. Not a list? 3.5", "2024\\. Not a list? 3.5"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct prose_document paragraph = document_of(PROSE_PARAGRAPH, cases[i].text);
        struct prose_document item = document_of(PROSE_ITEM, cases[i].text);
        assert_string_equal(arena_cstr(arena, prose_markdown(arena, &paragraph)),
                            cases[i].markdown);
        assert_true(same_prose_again(arena, &paragraph));
        assert_true(same_prose_again(arena, &item));
    }
    struct prose_document heading = document_of(PROSE_HEADING, "Looms #");
    assert_string_equal(arena_cstr(arena, prose_markdown(arena, &heading)), "# Looms \\#");
    assert_true(same_prose_again(arena, &heading));
}

// "a", then the middle in bold or as a link, then the end.
static const char *joined(const char *start, const char *middle, const char *url, const char *end)
{
    struct prose_writer *writer = prose_writer_new(arena);
    struct prose_style style = {.is_bold = !url, .url = slice_from_cstr(url)};
    prose_write_block(writer, PROSE_PARAGRAPH, 0, 0);
    prose_write_text(writer, slice_from_cstr(start), (struct prose_style){0});
    prose_write_text(writer, slice_from_cstr(middle), style);
    prose_write_text(writer, slice_from_cstr(end), (struct prose_style){0});
    struct prose_document document = prose_finish(writer);
    assert_true(same_prose_again(arena, &document));
    return arena_cstr(arena, prose_markdown(arena, &document));
}

// Bold words begin and end where Markdown lets them: at letters, when there is no other way.
static void test_bold(void **state)
{
    (void)state;
    assert_string_equal(joined("a ", "(b)", NULL, " c"), "a **(b)** c");
    assert_string_equal(joined("a", "(b)", NULL, "c"), "a(**b**)c");
    assert_string_equal(joined("a", "b", NULL, "c"), "a**b**c");
    assert_string_equal(joined("a", "🎤", NULL, "c"), "a🎤c");
    assert_string_equal(joined("", "🎤 Agenda:", NULL, ""), "**🎤 Agenda:**");
    assert_string_equal(joined("", "1", NULL, ". a"), "**1**\\. a");
}

static void test_links(void **state)
{
    (void)state;
    assert_string_equal(joined("a! ", "b", "https://a.example", ""), "a! [b](https://a.example)");
    assert_string_equal(joined("a!", "b", "https://a.example", ""), "a\\![b](https://a.example)");
    assert_string_equal(joined("", "a]b", "mailto:a@b.example", ""), "[a\\]b](mailto:a@b.example)");
    assert_string_equal(joined("", "a", "https://a.example/(b) c&amp;d\\", ""),
                        "[a](https://a.example/\\(b\\)%20c\\&amp;d\\\\)");
    assert_string_equal(joined("", "https://a.example/b", "https://c.example", ""),
                        "[https\\://a.example/b](https://c.example)");
    // Nothing that a page could run, or that leads nowhere.
    static const char *const refused[] = {
        "javascript:alert(1)", "data:text/html,x", "/here", "https://",
        "vbscript:x",          "java\nscript:x"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_string_equal(joined("a ", "b", refused[i], " c"), "a b c");
    static char long_url[4096] = "https://";
    memset(long_url + 8, 'a', sizeof long_url - 9);
    assert_string_equal(joined("a ", "b", long_url, " c"), "a b c");
}

static void test_it_is_bounded(void **state)
{
    (void)state;
    struct prose_writer *writer = prose_writer_new(arena);
    char *marks = arena_alloc(arena, 1000);
    memset(marks, '*', 1000);
    for (int i = 0; i < 300; i++) {
        prose_write_block(writer, PROSE_ITEM, 1000, 0);
        prose_write_text(writer, (struct slice){marks, 1000}, (struct prose_style){0});
    }
    struct prose_document document = prose_finish(writer);
    struct slice markdown = prose_markdown(arena, &document);
    assert_in_range(markdown.len, PROSE_MAX_TEXT - 3000, PROSE_MAX_TEXT);
    assert_true(same_prose_again(arena, &document));
    document = (struct prose_document){0};
    assert_int_equal(prose_markdown(arena, &document).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_as_it_is),
        cmocka_unit_test(test_what_is_escaped),
        cmocka_unit_test(test_bold),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_it_is_bounded),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
