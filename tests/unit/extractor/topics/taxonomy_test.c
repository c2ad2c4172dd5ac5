#include "extractor/topics/taxonomy.h"

#include "data.gen.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint32_t number_all(void *context, struct slice stem)
{
    struct slice *stems = context;
    uint32_t at = 0;
    while (stems[at].ptr)
        at++;
    stems[at] = arena_slice(arena, stem);
    return at + 1;
}

// The stems with "|" before those after a break, else a space.
static const char *stems_of(const char *text)
{
    struct slice stems[64] = {0};
    struct topic_words words = topic_words_of(arena, slice_from_cstr(text), number_all, stems);
    const char *joined = "";
    for (size_t i = 0; i < words.count; i++)
        joined = arena_printf(arena, "%s%s%.*s", joined,
                              i == 0                       ? ""
                              : words.items[i].after_break ? "|"
                                                           : " ",
                              SLICE_FMT(stems[words.items[i].id - 1]));
    return joined;
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *stems;
    } cases[] = {
        {"", ""},
        {"Founders' Run-Club", "founder run club"},
        {"The Founder's communities, classes", "the founder community|classe"},
        {"campus news thesis", "campus news thesis"},
        {"C++ & node.js; A.I. (CI/CD)", "c++ node.j|a.i|ci cd"},
        {"See you soon.Join us", "see you soon|join us"},
        {"AI - the future", "ai|the future"},
        {"#AIinSF #HealthTech #VR", "ai in sf|health tech|vr"},
        {"https://a.example/ai?go=1 yoga", "yoga"},
        {"lu.ma/yoga now", "lu.ma|now"},
        {"Café ÉTÉ", "cafe ete"},
        {"해커톤", "해 커 톤"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(stems_of(cases[i].text), cases[i].stems);
}

static const char *match(const struct taxonomy *taxonomy, const char *text, bool with_case)
{
    struct taxonomy_match found;
    struct topic_words words = taxonomy_words(taxonomy, arena, slice_from_cstr(text));
    if (!taxonomy_match(taxonomy, &words, 0, with_case, &found))
        return "";
    const char *mark = found.is_weak ? "?" : found.is_hint ? "~" : found.title_only ? "!" : "";
    return arena_printf(arena, "%.*s%s/%zu", SLICE_FMT(taxonomy_topic(taxonomy, found.topic)->name),
                        mark, found.word_count);
}

static void test_matching(void **state)
{
    (void)state;
    const struct taxonomy *t =
        taxonomy_new(arena, SLICE("AI\ttechnology\t-|AI|ai?\tTech\n"
                                  "AI agents\ttechnology\tagentic ai\tAI\n"
                                  "RAG\ttechnology\t-|RAG|retrieval augmented\tAI\n"
                                  "Tech\ttechnology\ttechnology!|gadgets~\t\n"
                                  "(figures)\tnone\tai generated\t\n"));
    assert_int_equal(taxonomy_count(t), 5);
    assert_string_equal(match(t, "AI for all", true), "AI/1");
    assert_string_equal(match(t, "ai for all", true), "AI?/1");
    assert_string_equal(match(t, "AI FOR ALL", false), "AI?/1");
    assert_string_equal(match(t, "ai-agent day", true), "AI agents/2");
    assert_string_equal(match(t, "AI, agents", true), "AI/1"); // nothing crosses a break
    assert_string_equal(match(t, "Aid agents", true), "");
    assert_string_equal(match(t, "rag rugs", true), "");
    assert_string_equal(match(t, "RAGs", true), "RAG/1");
    assert_string_equal(match(t, "Technologies", true), "Tech!/1");
    assert_string_equal(match(t, "Gadget fair", true), "Tech~/1");
    assert_string_equal(match(t, "AI generated", true), "(figures)/2");
    assert_null(taxonomy_topic(t, 4)->category);
    assert_true(taxonomy_is_above(t, 3, 1));
    assert_false(taxonomy_is_above(t, 1, 3));
    assert_int_equal(taxonomy_topic(t, 3)->below_count, 3);
}

// That the table holds together (no alias twice, parents that exist, no circles) is ensured by
// reading it.
static void test_the_table(void **state)
{
    (void)state;
    const struct taxonomy *t = taxonomy_get();
    assert_ptr_equal(t, taxonomy_get());
    assert_true(taxonomy_count(t) > 600);
    for (size_t i = 0; i < taxonomy_count(t); i++) {
        const struct taxonomy_topic *topic = taxonomy_topic(t, i);
        assert_true(topic->name.len > 0 && topic->name.len <= 60);
        for (size_t p = 0; p < topic->parent_count; p++)
            assert_non_null(taxonomy_topic(t, topic->parents[p])->category);
    }
    // Words that are part of other words, or other words.
    static const char *const nothing[] = {"Thailand", "go home",        "it is",  "rust on iron",
                                          "swiftly",  "container ship", "the net"};
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
        assert_false(strncmp(match(t, nothing[i], true), "AI", 2) == 0 ||
                     strncmp(match(t, nothing[i], true), "Rust", 4) == 0);
    assert_string_equal(match(t, "go home", true), "");
    assert_string_equal(match(t, "net result", true), "");
    assert_string_equal(match(t, "Golang", true), "Go/1");
    assert_string_equal(match(t, "黑客松", true), "Hackathon/3");
    assert_string_equal(match(t, "ワークショップ", true), "Workshop/1");
    assert_string_equal(match(t, "künstliche Intelligenz", true), "AI/2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_matching),
        cmocka_unit_test(test_the_table),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
