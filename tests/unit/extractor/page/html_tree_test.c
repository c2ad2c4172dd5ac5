// The tree against gumbo, which builds the standard's: for markup that leaves out end tags as the
// standard allows, and nests what it nests, both are the same.
#include "extractor/page/html_tree.h"

#include "lib/base/buffer.h"
#include "lib/text/unicode.h"
#include "support/arena_fixture.h"

#include <gumbo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {
    [HTML_OTHER] = "other",
#define X(NAME, name, flags) [HTML_##NAME] = #name,
    HTML_TAGS(X)
#undef X
        [HTML_TEXT] = "",
};

// What the standard adds by itself, and where nothing is lost by leaving it out.
static bool is_frame(const char *name)
{
    static const char *const frames[] = {"html", "head", "body", "tbody"};
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        if (strcmp(name, frames[i]) == 0)
            return true;
    return false;
}

// Their text is no node of ours.
static bool is_raw(const char *name)
{
    static const char *const raw[] = {"script", "style", "title", "textarea"};
    for (size_t i = 0; i < ARRAY_LEN(raw); i++)
        if (strcmp(name, raw[i]) == 0)
            return true;
    return false;
}

static void add_text(struct buffer *out, struct slice text)
{
    text = unicode_clean_line(arena, text);
    if (text.len == 0)
        return;
    buffer_append_char(out, '"');
    buffer_append(out, text);
    buffer_append_char(out, '"');
}

// div(p("text")span())
static void dump(const struct html_node *node, struct buffer *out)
{
    for (const struct html_node *child = node->first; child; child = child->next) {
        const char *name = names[child->tag];
        if (child->tag == HTML_TEXT) {
            add_text(out, html_inner_text(arena, child));
            continue;
        }
        if (!is_frame(name))
            buffer_printf(out, "%s(", name);
        dump(child, out);
        if (!is_frame(name))
            buffer_append_char(out, ')');
    }
}

static void dump_oracle(const GumboNode *node, struct buffer *out)
{
    const GumboVector *children =
        node->type == GUMBO_NODE_DOCUMENT ? &node->v.document.children : &node->v.element.children;
    for (unsigned i = 0; i < children->length; i++) {
        const GumboNode *child = children->data[i];
        if (child->type == GUMBO_NODE_TEXT)
            add_text(out, slice_from_cstr(child->v.text.text));
        if (child->type != GUMBO_NODE_ELEMENT && child->type != GUMBO_NODE_TEMPLATE)
            continue;
        const char *name = gumbo_normalized_tagname(child->v.element.tag);
        if (*name == '\0' || html_tag_of(slice_from_cstr(name)) == HTML_OTHER)
            name = "other";
        if (!is_frame(name))
            buffer_printf(out, "%s(", name);
        if (!is_raw(name))
            dump_oracle(child, out);
        if (!is_frame(name))
            buffer_append_char(out, ')');
    }
}

// Texts next to each other as one, and white space off: where a text is cut is all the same.
static const char *joined(struct slice text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '"' && len && out[len - 1] == '"' && i + 1 < text.len)
            len--;
        else if (text.ptr[i] != ' ')
            out[len++] = text.ptr[i];
    return out;
}

static void test_same_as_the_standard(void **state)
{
    (void)state;
    static const char *const pages[] = {
        "<p>one<p>two<div>three</div>",
        "<!doctype html><html><head><title>T</title><meta name=a><body "
        "class=x><main><h1>A</h1></main></body></html> ",
        "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
        "<dl><dt>a<dd>b<dt>c<dd><p>d</dl>",
        "<table><tr><td>a<td>b<tr><th>c<td><table><tr><td>d</table></table>",
        "<table><caption>x</caption><thead><tr><th>a<tbody><tr><td>b</table>",
        "<select><option>a<option>b</select>",
        "<p>a<b>b</b> c</p><p>d",
        "<div><span>a</div>b",           // an end tag ends what is inside
        "<div>a</span>b</p-not></div>c", // end tags of nothing
        "<span><div>a</span>b</div>c",   // no end tag of an ordinary element ends a block
        "<button>a<div>b</button>c</div>",
        "<a href=x>a<b>c</b></a>d",
        "<h1>a</h2>b<h3>c</h3>",
        "<p>a<br>b<hr>c<img src=x>d",
        "<script>if (a<b) '<p>'</script><style>p<b{}</style><p>a",
        "<textarea><p>a</textarea>b",
        "a < b <3 &amp; &lt;p&gt; <!-- <p> --> c",
        "<unknown-one>a<unknown-two>b</unknown-two>c</unknown-one>d",
        "<P ID=1>a</P><Div>b</DIV>",
        "<svg><path d=x /><g><text>t</text></g></svg><p>a",
        "<svg><circle><p>a</p></svg>b",
        "<div/>a</div>b",
        "<!doctype html><p>a<table><tr><td>b</table>c",
        "<ol><li><p>a<p>b<li><div>c</div></ol>",
        "<article><header>a</header><section><p>b</section></article>c",
    };
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        struct buffer ours CLEANUP(buffer_done), theirs CLEANUP(buffer_done);
        buffer_init(&ours, 64 * 1024);
        buffer_init(&theirs, 64 * 1024);
        GumboOutput *tree = gumbo_parse(pages[i]);
        dump_oracle(tree->document, &theirs);
        gumbo_destroy_output(&kGumboDefaultOptions, tree);
        dump(html_tree_build(arena, slice_from_cstr(pages[i])), &ours);
        assert_string_equal(joined(buffer_slice(&ours)), joined(buffer_slice(&theirs)));
    }
}

// Where elements overlap, the one that is cut goes on to the end of the block.
static void test_overlapping(void **state)
{
    (void)state;
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, 64 * 1024);
    dump(html_tree_build(arena, SLICE("<div><b>a<p>b</b>c</p>d</div>e")), &out);
    assert_string_equal(out.ptr, "div(b(\"a\"p(\"b\"\"c\"))\"d\")\"e\"");
}

static struct html_node *first(const struct html_node *document, enum html_tag tag)
{
    for (struct html_node *node = document->first; node;
         node = html_tree_next(document, node, false))
        if (node->tag == tag)
            return node;
    fail();
    return NULL;
}

static void test_attributes(void **state)
{
    (void)state;
    const struct html_node *document = html_tree_build(
        arena,
        SLICE("<a class='one\tTWO' HREF=?a=1&amp;b=2 href=x itemscope onclick=y>t &amp; u</a>"));
    const struct html_node *node = first(document, HTML_A);
    assert_int_equal(node->attribute_count, 4);
    assert_string_equal(arena_cstr(arena, html_attribute(arena, node, HTML_ATTRIBUTE_HREF)),
                        "?a=1&b=2");
    assert_true(html_has_attribute(node, HTML_ATTRIBUTE_ITEMSCOPE));
    assert_non_null(html_attribute(arena, node, HTML_ATTRIBUTE_ITEMSCOPE).ptr);
    assert_null(html_attribute(arena, node, HTML_ATTRIBUTE_ID).ptr);
    assert_true(html_has_word(node, HTML_ATTRIBUTE_CLASS, SLICE("two")));
    assert_false(html_has_word(node, HTML_ATTRIBUTE_CLASS, SLICE("tw")));
    assert_string_equal(arena_cstr(arena, html_inner_text(arena, node)), "t & u");
    assert_string_equal(arena_cstr(arena, node->raw), "t &amp; u");
}

static struct slice repeat(const char *text, size_t bytes)
{
    size_t len = strlen(text);
    char *out = arena_alloc(arena, bytes + len);
    for (size_t at = 0; at < bytes; at += len)
        memcpy(out + at, text, len);
    return (struct slice){out, bytes};
}

// What costs a parser of the standard quadratic time or any amount of memory.
static void test_hostile(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<div>",       "<b>",           "<p>",
        "<a><p>",      "<table>",       "x<table>y",
        "</p>",        "<i a=1></p>",   "<span><dd></span><span><li></span>",
        "<svg><div/>", "<font a=1><p>", "<",
        "<a b='",      "<!--",          "<li><div>",
        "<button><p>", "<option>",      "<td>",
        "\xff",        "<ul><li>"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct arena *own = arena_new((size_t)64 * 1024 * 1024);
        const struct html_node *document =
            html_tree_build(own, repeat(parts[i], HTML_TREE_MAX_BYTES + 1000));
        size_t nodes = 0, depth = 0;
        for (const struct html_node *node = document;
             (node = html_tree_next(document, node, false));) {
            size_t above = 0;
            if (nodes++ % 1000 == 0)
                for (const struct html_node *at = node; at->parent; at = at->parent)
                    above++;
            depth = above > depth ? above : depth;
        }
        assert_true(nodes <= HTML_TREE_MAX_NODES);
        assert_true(depth <= HTML_TREE_MAX_DEPTH);
        arena_free(own);
        arena_reset(arena);
    }
    struct html_node *empty = html_tree_build(arena, (struct slice){0});
    assert_null(empty->first);
}

// Beyond the depth, end tags still find their elements.
static void test_depth(void **state)
{
    (void)state;
    struct buffer page CLEANUP(buffer_done);
    buffer_init(&page, 64 * 1024);
    for (int i = 0; i < 2 * HTML_TREE_MAX_DEPTH; i++)
        buffer_append_cstr(&page, "<div>");
    for (int i = 0; i < 2 * HTML_TREE_MAX_DEPTH; i++)
        buffer_append_cstr(&page, "</div>");
    buffer_append_cstr(&page, "<em>end</em>");
    struct html_node *document = html_tree_build(arena, buffer_slice(&page));
    assert_ptr_equal(first(document, HTML_EM)->parent, document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_the_standard),
        cmocka_unit_test(test_overlapping),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
