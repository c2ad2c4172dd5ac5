#include "extractor/page/html_prose.h"

#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *plain(const char *html)
{
    struct prose_document document = html_prose_read(arena, slice_from_cstr(html));
    return arena_cstr(arena, prose_plain(arena, &document));
}

static void test_plain(void **state)
{
    (void)state;
    static const struct {
        const char *html, *text;
    } cases[] = {
        {"<p>One\n  line</p><p>Two</p>", "One line\n\nTwo"},
        {"<h2>Head</h2>text<div>block</div>", "Head\n\ntext\n\nblock"},
        {"<ul><li>a<li><p>b</p><p>c</p></ul>d", "- a\n- b\nc\n\nd"},
        {"<ol><li>a<ul><li>b</ul><li>c</ol>", "1. a\n  - b\n2. c"},
        {"<li>alone</li>text", "- alone\n\ntext"},
        {"a<br>b<hr>c", "a\nb\n\nc"},
        {"<table><tr><th>When<th>What</tr><tr><td> 18:00 <td><p>Doors<br>open</p></table>",
         "When | What\n\n18:00 | Doors open"},
        {"<table><tr><td><p>a</p><p>b</p></table>", "a\n\nb"}, // a table for the layout
        {"<nav>x</nav><header>x</header>a<script>x</script><style>x</style><footer>x</footer>"
         "<aside>x</aside><template>x</template><svg><text>x</text></svg><button>x</button>b",
         "ab"},
        {"<pre>one\ntwo</pre>", "one\ntwo"},
        {"Ada &amp; Bob &lt;3", "Ada & Bob <3"},
        {"<span>a</span><span> b</span>\n<i>c</i>", "a b c"},
        {"plain", "plain"},
        {"", ""},
        {"<p> </p><p>&nbsp;</p>", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(plain(cases[i].html), cases[i].text);
}

static void test_structure(void **state)
{
    (void)state;
    struct prose_document d = html_prose_read(
        arena,
        SLICE("<h3>Talks</h3><ol><li><b>Ada</b>, <a href=' https://ada.example/?a&amp;b '>her "
              "page</a><li>Bob</ol><p><strong>All <a href=x>of</a> it</strong></p><hr>end"));
    assert_int_equal(d.count, 5);
    assert_int_equal(d.lines[0].kind, PROSE_HEADING);
    assert_int_equal(d.lines[0].level, 3);
    assert_int_equal(d.lines[1].kind, PROSE_ITEM);
    assert_int_equal(d.lines[1].number, 1);
    assert_int_equal(d.lines[2].number, 2);
    assert_int_equal(d.lines[1].span_count, 2);
    assert_true(d.lines[1].spans[0].is_bold);
    assert_string_equal(arena_cstr(arena, d.lines[1].spans[1].url), "https://ada.example/?a&b");
    assert_false(prose_is_bold(&d.lines[1]));
    assert_true(prose_is_bold(&d.lines[3]));
    assert_true(d.lines[4].after_rule);
}

static void test_is_markup(void **state)
{
    (void)state;
    static const char *const markup[] = {"<p>a", "a</b>", "x <br/> y", "a<A HREF=x>"};
    static const char *const text[] = {"",   "a < b > c", "I <3 you", "<name@host.example>",
                                       "<p", "a>b"};
    for (size_t i = 0; i < ARRAY_LEN(markup); i++)
        assert_true(html_prose_is_markup(slice_from_cstr(markup[i])));
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        assert_false(html_prose_is_markup(slice_from_cstr(text[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_is_markup),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
