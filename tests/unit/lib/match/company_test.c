// Companies: the level of each way to write a name, placeholders, and that the order does not matter.
#include "lib/match/match.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct match_answer compare(const struct match_company *a, const struct match_company *b)
{
    struct match_answer answer;
    match_companies(match_model_get(), arena, a, b, &answer);
    return answer;
}

static struct match_answer compare_names(const char *a, const char *b)
{
    return compare(&(struct match_company){.name = slice_from_cstr(a)},
                   &(struct match_company){.name = slice_from_cstr(b)});
}

static const char *name_level(const struct match_answer *answer)
{
    return match_level_name(answer->steps[0].level);
}

static void test_levels(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *level;
        enum match_decision decision;
    } cases[] = {
        {"Harbour Lathe", "harbour lathe", "same", MATCH_MERGE},
        {"Harbour Lathe, Inc.", "Harbour Lathe", "same", MATCH_MERGE},
        {"Harbour Lathe s.r.o.", "Harbour Lathe", "same", MATCH_MERGE},
        {"株式会社Quillbridge", "Quillbridge", "same", MATCH_MERGE},
        {"H.L.B.", "HLB", "same", MATCH_MERGE},
        {"HarbourLathe", "Harbour Lathe", "same_letters", MATCH_MERGE},
        {"Harbour Lathe", "harbourlathe.io", "same_letters", MATCH_MERGE},
        {"The Lathe", "thelathe.co.uk", "same_letters", MATCH_MERGE},
        {"Quillbridge", "Quillbridge Technologies", "general_word_more", MATCH_MERGE},
        {"Quillbridge", "Harbour (Quillbridge)", "alias_in_brackets", MATCH_MERGE},
        {"Harbour Lathe Board Inc.", "HLB", "acronym", MATCH_MERGE},
        {"Mercury", "Mercury Systems", "general_word_more_than_a_word", MATCH_REVIEW},
        {"Quillbridge", "Quillbridge Cloud", "part_or_product", MATCH_DISTINCT},
        {"Quillbridge", "Quillbridge India", "place_more", MATCH_REVIEW},
        {"Quillbridge", "Qillbridge", "typo", MATCH_REVIEW},
        {"Quillbridge", "Harbour Lathe", "different", MATCH_DISTINCT},
        {"Quillbridge", "n/a", "placeholder", MATCH_DISTINCT},
        {"Quillbridge", "Quillbridge @ Harbour City", "same", MATCH_MERGE},
        {"Quillbridge", "Quillbrigde", "swapped_letters", MATCH_MERGE},
        {"Intel", "Intel Systems", "general_word_more",
         MATCH_MERGE}, // a word, but everybody knows it
        {"Quillbridge", "quillbrid.ge", "same_letters", MATCH_MERGE},
        {"Quill Technologies", "quilltech.io", "beginning", MATCH_MERGE},
        {"QuillGate Inc.", "quill.io", "near", MATCH_DISTINCT},
        {"Quillbridge", "博纳", "other_script", MATCH_REVIEW},
        // That a name in another script stands beside some domain says nothing.
        {"quillbridge.io", "博纳", "other_script", MATCH_REVIEW},
        {"株式会社博纳", "quillbridge.example", "other_script", MATCH_REVIEW},
        {"harbour.io", "quillbridge.com", "different", MATCH_DISTINCT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct match_answer answer = compare_names(cases[i].a, cases[i].b);
        if (strcmp(name_level(&answer), cases[i].level) != 0 ||
            answer.decision != cases[i].decision)
            fail_msg("%s | %s: %s, %s at %.2f", cases[i].a, cases[i].b, name_level(&answer),
                     match_decision_name(answer.decision), answer.weight);
    }
}

static void test_placeholders(void **state)
{
    (void)state;
    static const char *const none[] = {
        "Freelancer", "n/a", "N/A", "self-employed", "Unafilliated", "Stealth",
        "none",       "-",   "",    "没有"};
    static const char *const some[] = {"Freelancer.com", "Quillbridge", "WED, Inc.", "Nonesuch"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        struct match_company company = {.name = slice_from_cstr(none[i])};
        if (!match_company_is_placeholder(match_company_prepare(arena, &company)))
            fail_msg("%s", none[i]);
    }
    for (size_t i = 1; i < ARRAY_LEN(some); i++) {
        struct match_company company = {.name = slice_from_cstr(some[i])};
        if (match_company_is_placeholder(match_company_prepare(arena, &company)))
            fail_msg("%s", some[i]);
    }
}

static void test_domains_decide(void **state)
{
    (void)state;
    struct match_company a = {.name = SLICE("Quillbridge"),
                              .links = {SLICE("https://www.quillbridge.example/about")},
                              .link_count = 1};
    struct match_company b = {
        .name = SLICE("Qillbridge"), .links = {SLICE("quillbridge.example")}, .link_count = 1};
    assert_int_equal(compare(&a, &b).decision, MATCH_MERGE);
    b.links[0] = SLICE("harbour.example");
    assert_int_not_equal(compare(&a, &b).decision, MATCH_MERGE);
}

static const char *const pieces[] = {"Quill",   "bridge", "Quillbridge", "Inc.",      "GmbH",
                                     "Cloud",   "India",  "Systems",     "(Harbour)", "Harbour",
                                     "acme.io", "The",    "&",           "株式会社",  "博纳",
                                     "QB",      "n/a",    ",",           "Яндекс",    "\xff"};

static struct slice random_name(unsigned *seed)
{
    char text[256] = "";
    size_t used = 0, count = (size_t)(rand_r(seed) % 5);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                 i && rand_r(seed) % 3 ? " " : "",
                                 pieces[(size_t)rand_r(seed) % ARRAY_LEN(pieces)]);
    return arena_slice(arena, (struct slice){text, used});
}

static void test_the_order_of_two_does_not_matter(void **state)
{
    (void)state;
    unsigned seed = 28;
    for (size_t i = 0; i < 3000; i++) {
        struct match_company a = {.name = random_name(&seed)}, b = {.name = random_name(&seed)};
        struct match_answer one = compare(&a, &b), two = compare(&b, &a);
        if (one.weight != two.weight || one.decision != two.decision)
            fail_msg("%.*s | %.*s: %.4f and %.4f", SLICE_FMT(a.name), SLICE_FMT(b.name), one.weight,
                     two.weight);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_placeholders),
        cmocka_unit_test(test_domains_decide),
        cmocka_unit_test(test_the_order_of_two_does_not_matter),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
