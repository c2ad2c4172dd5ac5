// The scanner against gumbo, which builds the whole tree by HTML's rules: both must see the same.
#include "extractor/page/html.h"

#include "extractor/luma_page.h"
#include "lib/base/buffer.h"
#include "lib/text/unicode.h"
#include "support/arena_fixture.h"

#include <gumbo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

// ---- the oracle

// What a page holds, as lines of text.
static void append(struct buffer *out, const char *what, const char *name, struct slice text)
{
    buffer_printf(out, "%s %s: ", what, name);
    buffer_append(out, text);
    buffer_append_char(out, '\n');
}

static const char *attribute(const GumboNode *node, const char *name)
{
    const GumboAttribute *found = gumbo_get_attribute(&node->v.element.attributes, name);
    return found ? found->value : NULL;
}

static void oracle_text(const GumboNode *node, struct buffer *out)
{
    for (unsigned i = 0; i < node->v.element.children.length; i++) {
        const GumboNode *child = node->v.element.children.data[i];
        if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE)
            buffer_append_cstr(out, child->v.text.text);
    }
}

static void oracle_script(const GumboNode *node, bool *next_data_seen, struct buffer *out)
{
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, 1024 * 1024);
    oracle_text(node, &text);
    const char *id = attribute(node, "id"), *type = attribute(node, "type");
    if (!*next_data_seen && id && strcmp(id, "__NEXT_DATA__") == 0) {
        append(out, "script", "next", buffer_slice(&text));
        *next_data_seen = true;
    } else if (type && strcasecmp(type, "application/ld+json") == 0) {
        append(out, "script", "ld", buffer_slice(&text));
    }
}

static void oracle_meta(const GumboNode *node, struct buffer *out)
{
    static const char *const keys[] = {"property", "name", "itemprop"};
    const char *content = attribute(node, "content");
    for (size_t i = 0; i < ARRAY_LEN(keys) && content; i++) {
        struct slice name = slice_from_cstr(attribute(node, keys[i]));
        if (name.len) {
            append(out, "meta", name.ptr, slice_from_cstr(content));
            return;
        }
    }
}

struct oracle {
    struct buffer out;
    bool next_data_seen, title_seen;
};

static void oracle_visit(struct oracle *oracle, const GumboNode *node, bool in_svg)
{
    bool is_element = node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
    if (!is_element && node->type != GUMBO_NODE_DOCUMENT)
        return;
    const GumboVector *children =
        is_element ? &node->v.element.children : &node->v.document.children;
    bool is_html = is_element && node->v.element.tag_namespace == GUMBO_NAMESPACE_HTML;
    if (is_html && node->v.element.tag == GUMBO_TAG_SCRIPT)
        oracle_script(node, &oracle->next_data_seen, &oracle->out);
    if (is_html && node->v.element.tag == GUMBO_TAG_META)
        oracle_meta(node, &oracle->out);
    if (is_html && node->v.element.tag == GUMBO_TAG_TITLE && !oracle->title_seen && !in_svg) {
        buffer_append_cstr(&oracle->out, "title ");
        oracle_text(node, &oracle->out);
        buffer_append_char(&oracle->out, '\n');
        oracle->title_seen = true;
    }
    for (unsigned i = 0; i < children->length; i++)
        oracle_visit(oracle, children->data[i], in_svg || (is_element && !is_html));
}

// Order differs where the tree moves things, so lines are compared sorted.
static int compare_lines(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static char *sorted_lines(struct slice text)
{
    struct slice lines[512], line;
    size_t count = 0;
    while (slice_split_next(&text, '\n', &line) && count < ARRAY_LEN(lines))
        lines[count++] = line;
    qsort(lines, count, sizeof lines[0], compare_lines);
    struct buffer out;
    buffer_init(&out, 1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        buffer_append(&out, lines[i]);
        buffer_append_char(&out, '\n');
    }
    char *copy = arena_cstr(arena, buffer_slice(&out));
    buffer_done(&out);
    return copy;
}

static char *by_oracle(struct slice page)
{
    struct oracle oracle = {0};
    buffer_init(&oracle.out, 1024 * 1024);
    GumboOutput *tree = gumbo_parse_with_options(&kGumboDefaultOptions, page.ptr, page.len);
    oracle_visit(&oracle, tree->document, false);
    gumbo_destroy_output(&kGumboDefaultOptions, tree);
    char *lines = sorted_lines(buffer_slice(&oracle.out));
    buffer_done(&oracle.out);
    return lines;
}

static char *by_scanner(struct slice page)
{
    struct html_page *found = ARENA_NEW(arena, struct html_page);
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 1024 * 1024);
    html_scan(page, found);
    if (found->next_data.ptr)
        append(&out, "script", "next", found->next_data);
    for (size_t i = 0; i < found->json_ld_count; i++)
        append(&out, "script", "ld", found->json_ld[i]);
    for (size_t i = 0; i < found->meta_count; i++)
        append(&out, "meta", arena_cstr(arena, found->metas[i].name),
               html_decode_attribute(arena, found->metas[i].content));
    if (found->title.ptr) {
        buffer_append_cstr(&out, "title ");
        buffer_append(&out, html_decode_text(arena, found->title));
        buffer_append_char(&out, '\n');
    }
    return sorted_lines(buffer_slice(&out));
}

static void check(const char *page)
{
    assert_string_equal(by_scanner(slice_from_cstr(page)), by_oracle(slice_from_cstr(page)));
}

// ---- the cases

#define LD "<script type=application/ld+json>"

static void test_agrees_with_the_tree(void **state)
{
    (void)state;
    static const char *const pages[] = {
        "",
        "text only < and > and & and </",
        "<title>A &amp; B</title>",
        "<title>A <b>bold</b> </titlex> </title><title>second</title>",
        "<TITLE>upper</TITLE>",
        "<title>never ends <meta name=a content=b>",
        "<svg><title>icon</title></svg><title>page</title>",
        "<svg><title>icon</title><g><p>out</p><title>page</title>",
        "<svg/><title>page</title>",
        "<svg><desc><title>inside</title></desc></svg>" LD "{}</script>",
        "<svg><script type=application/ld+json>{\"in\":\"svg\"}</script></svg>" LD "{}</script>",
        "<svg><style><meta name=a content=b></style></svg>",
        "<svg><![CDATA[<meta name=a content=b>]]></svg><meta name=c content=d>",
        "<![CDATA[<meta name=a content=b>]]><meta name=c content=d>",
        "<math><mi><meta name=a content=b></mi></math>",
        "<svg><foreignObject><title>x</title>" LD "[1]</script></foreignObject></svg>",
        LD "{\"a\":1}</script>",
        LD "{\"a\":\"</p></div><!-- \"}</script >" LD "2</script>",
        LD "{\"a\":\"<\\/script>\"}</script>",
        LD "<!-- <script> </script> --> {}</script><meta name=a content=b>",
        LD "<!-- <script> </script> {}</script><meta name=a content=b>",
        LD "<!--><script></script><meta name=a content=b>",
        LD "<!-- </script><meta name=a content=b>",
        LD "<!-- <scriptx> </script><meta name=a content=b>",
        LD "<!-- -- > <script> --></script><meta name=a content=b>",
        LD "never ends",
        "<script>" LD "</script><meta name=a content=b>",
        "<script type='application/ld+json' id=x>1</script><SCRIPT "
        "TYPE=\"APPLICATION/LD+JSON\">2</SCRIPT>",
        "<script id=\"__NEXT_DATA__\" type=\"application/json\">{}</script><script "
        "id=__NEXT_DATA__>second</script>",
        "<script id = '__NEXT_DATA__' async>{}</script>",
        "<style>" LD "{}</script></style>" LD "1</script>",
        "<textarea>" LD "{}</script></textarea>",
        "<iframe>" LD
        "{}</script></iframe><xmp><title>x</title></xmp><noembed><meta name=a content=b></noembed>",
        "<noframes><title>x</title></noframes><meta name=a content=b>",
        "<noscript><meta name=a content=b></noscript>",
        "<!-- " LD "{}</script> -->" LD "1</script>",
        "<!--><meta name=a content=b>",
        "<!---><meta name=a content=b>",
        "<!----><meta name=a content=b>",
        "<!-- a --!><meta name=a content=b>",
        "<!-- a -- b --><meta name=a content=b>",
        "<!-- never ends <meta name=a content=b>",
        "<!doctype html><?php <meta name=a content=b> ?><meta name=c content=d>",
        "<!x<meta name=a content=b><meta name=c content=d>",
        "</><meta name=a content=b></ <meta name=c content=d>",
        "<meta name=a content=b/><meta name=c content='d' /><meta name=e content=\"f\"/>",
        "<meta content=\"a > b\" property=og:title><meta name content=x><meta name=y content>",
        "<meta name=a name=b content=1 content=2>",
        "<meta name=a content=1 / x=\"\" = y=z>",
        "<meta\nname\n=\n\"a\"\ncontent\n=\n'b'>",
        "<meta name=\"a\"content=\"b\">",
        "<meta name=a content=\"never ends>",
        "<meta name=a content=b",
        "<metax name=a content=b><meta/name=a content=b>",
        "<div title=\"<meta name=a content=b>\"><meta name=c content=d></div>",
        "<div title='" LD "{}</script>'>",
        "<meta itemprop=image content=1><meta property=p name=n content=2><meta name='' property=q "
        "content=3>",
        "<meta name=a "
        "content=\"&lt;&#39;&#x27;&quot;&amp;amp;&hellip;&nbsp;x&unknown;&copy=1&copy;&copy\">",
        "<meta name=a content=\"?a=1&amp;b=2&c=3&reg=4&regx;\">",
        "<title>&copy2 &notit; &#128; &#x110000; &#0; &#xd800; &# &#x; &; & &amp</title>",
        "<plaintext><meta name=a content=b>",
    };
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        check(pages[i]);
        arena_reset(arena);
    }
    check((const char *)luma_page_build(
              arena, (struct luma_page){.data = "{\"a\":\"<\"}", .json_ld = "{}"})
              .ptr);
}

static void test_canonical(void **state)
{
    (void)state;
    const struct {
        struct slice page;
        const char *canonical;
    } cases[] = {
        {SLICE("<link rel=canonical href=/a>"), "/a"},
        {SLICE("<link href='/a' rel='alternate CANONICAL'>"), "/a"},
        {SLICE(
             "<link rel=alternate href=/b><link rel=canonical href=><link rel=canonical href=/c>"),
         "/c"},
        {SLICE("<link rel=canonicals href=/a>"), ""},
        {SLICE("<!-- <link rel=canonical href=/a> -->"), ""},
    };
    struct html_page page;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        html_scan(cases[i].page, &page);
        assert_string_equal(arena_cstr(arena, page.canonical), cases[i].canonical);
    }
}

static void test_metas_by_name(void **state)
{
    (void)state;
    struct html_page page;
    html_scan(SLICE("<meta property='og:title' content='A &amp; B'><meta property='OG:TITLE' "
                    "content=second>"),
              &page);
    assert_string_equal(arena_cstr(arena, html_meta(arena, &page, "og:Title")), "A & B");
    assert_null(html_meta(arena, &page, "og:image").ptr);
}

static void test_maxima(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 1024 * 1024);
    for (int i = 0; i < 1000; i++)
        buffer_append_cstr(&out, LD "{}</script><meta name=a content=b><svg><desc>");
    struct html_page page;
    html_scan(buffer_slice(&out), &page);
    assert_int_equal(page.json_ld_count, HTML_MAX_JSON_LD);
    assert_int_equal(page.meta_count, HTML_MAX_METAS);
    buffer_done(&out);
}

// Starts that never end must not make the scanner look at the rest of the page again and again.
static void test_time_grows_with_the_page(void **state)
{
    (void)state;
    static const char *const pieces[] = {"<!--",  "<script>", "<script><!--", "<title>", "<a b=\"",
                                         "<svg>", "<",        "</",           "<style>", "<a ",
                                         "--",    "<!-- --",  "<![CDATA[",    "&"};
    struct html_page page;
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct buffer out;
        buffer_init(&out, 16 * 1024 * 1024);
        while (out.len < 2 * 1024 * 1024)
            buffer_append_cstr(&out, pieces[i]);
        html_scan(buffer_slice(&out),
                  &page); // a square of 2 MB would not end before the test's time-out
        buffer_done(&out);
    }
}

// Pieces of markup in every order: the scanner must end and stay within the page; with the tree it
// need not agree where the tree repairs what is misnested.
static void test_any_markup(void **state)
{
    (void)state;
    static const char *const pieces[] = {"<script",
                                         ">",
                                         "</script>",
                                         "<!--",
                                         "-->",
                                         "\"",
                                         "'",
                                         "=",
                                         " type=application/ld+json",
                                         "<svg>",
                                         "</svg>",
                                         "<title>",
                                         "</title>",
                                         "<meta name=a content=b",
                                         "/",
                                         "&lt",
                                         "\xff",
                                         "&#",
                                         "<desc>",
                                         "]]>",
                                         "<![CDATA[",
                                         "x",
                                         "<",
                                         "-",
                                         "<p>"};
    unsigned seed = 3;
    for (int round = 0; round < 5000; round++) {
        struct buffer out;
        buffer_init(&out, 4096);
        for (int i = 0; i < 12; i++) {
            seed = seed * 1103515245u + 12345u;
            buffer_append_cstr(&out, pieces[(seed >> 16) % ARRAY_LEN(pieces)]);
        }
        struct slice page = arena_slice(arena, buffer_slice(&out));
        struct html_page *found = ARENA_NEW(arena, struct html_page);
        html_scan(page, found);
        for (size_t i = 0; i < found->json_ld_count; i++)
            assert_true(found->json_ld[i].ptr >= page.ptr &&
                        found->json_ld[i].ptr + found->json_ld[i].len <= page.ptr + page.len);
        html_decode_text(arena, page);
        html_decode_attribute(arena, page);
        arena_reset(arena);
        buffer_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_the_tree),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_metas_by_name),
        cmocka_unit_test(test_maxima),
        cmocka_unit_test(test_time_grows_with_the_page),
        cmocka_unit_test(test_any_markup),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
