// People: the table of writings, contradictions, and that the order of the two does not matter.
#include "lib/match/match.h"
#include "support/arena_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct match_answer compare(const struct match_person *a, const struct match_person *b)
{
    struct match_answer answer;
    match_people(match_model_get(), arena, a, b, &answer);
    return answer;
}

static struct match_answer compare_names(const char *a, const char *b)
{
    return compare(&(struct match_person){.name = slice_from_cstr(a)},
                   &(struct match_person){.name = slice_from_cstr(b)});
}

static bool has_level(const struct match_answer *answer, const char *field, const char *level)
{
    for (size_t i = 0; i < answer->step_count; i++)
        if (strcmp(match_level_field(answer->steps[i].level), field) == 0 &&
            strcmp(match_level_name(answer->steps[i].level), level) == 0)
            return true;
    return false;
}

static void test_writings_of_one_name_are_merged(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Quilla Brandvold", "quilla brandvold 🚀"},
        {"Dr. Quilla Brandvold (she/her)", "Quilla Brandvold"},
        {"Quilla Brandvold", "BRANDVOLD Quilla"},
        {"Quilla Brandvold", "Brandvold, Quilla"},
        {"Quilla M. Brandvold", "Quilla Brandvold"},
        {"Quilla Brandvold", "Quilla Brandvold, PhD"},
        {"Quilla Brandvold", "Brandvold, Quilla (@quillab)"},
        {"Quilla Brandvold", "Brandvold, Quilla @quillab"},
        {"Vexqa Zzyqorl", "Zzyqorl, Vexqa"}, // names that no list has
        {"Quilla Brandvold", "Keynote: Quilla Brandvold"},
        {"Quilla Brandvold", "Quilla Brandvold (@quillab)"},
        {"Quilla Brandvold", "Quilla Brandvold @ Harbour Lathe"},
        {"“Quilla” Brandvold", "Quilla Brandvold"},
        {"Léontyne Brändvöld", "Leontyne Brandvold"},
        {"Jörn Grünbaumer", "Joern Gruenbaumer"},
        {"Elizabeth Brandvold", "Liz Brandvold"},
        {"Yi-Gang Brandvold", "Yigang Brandvold"},
        {"Teun van der Brandvold", "Teun Brandvold"},
        {"Quilla Brandvold Jr.", "Quilla Brandvold"},
        {"Иван Брандволд", "Ivan Brandvold"},
        {"Natasha Brandvold", "Natalia Brandvold"}, // no pinyin, though of its syllables
        {"Ph. Brandvold", "Philippe Brandvold"},
        {"J. M. Pierre Brandvold", "Pierre Brandvold"},
        {"Nikolaos Brandvold", "Nicholas Brandvold"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct match_answer answer = compare_names(cases[i][0], cases[i][1]);
        if (answer.decision != MATCH_MERGE)
            fail_msg("%s | %s: %s at %.2f", cases[i][0], cases[i][1],
                     match_decision_name(answer.decision), answer.weight);
    }
}

static void test_other_people_are_not_merged(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Quilla Brandvold", "Quilla Marchetti"},
        {"Quilla Brandvold", "Soren Brandvold"},
        {"Weiwei Liu", "Weiwei Li"},
        {"Xiaotao Huang", "Xiaomei Huang"},
        {"Alexander B. Smith", "Alexander C. Smith"},
        {"J Smith", "John Smith"}, // may be many
        {"Q. Brandvold", "Quilla Brandvold"},
        {"Q. M. Brandvold", "Quilla M. Brandvold"},
        {"Jiyoung Jung", "Jung H. Myoung"},
        {"Quilla Bauer", "Quilla Baker"},
        {"Qin Lv", "Qiang Lv"},
        {"Quilla Brandvold", "Quilla Brandvold and Soren Marchetti"},
        {"Quilla", "Soren"},
        {"🚀", "Quilla Brandvold"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct match_answer answer = compare_names(cases[i][0], cases[i][1]);
        if (answer.decision == MATCH_MERGE)
            fail_msg("%s | %s: merged at %.2f", cases[i][0], cases[i][1], answer.weight);
    }
}

static void test_a_frequent_name_says_less(void **state)
{
    (void)state;
    struct match_answer rare = compare_names("Quilla Brandvold", "Quilla X. Brandvold");
    struct match_answer frequent = compare_names("David Smith", "David X. Smith");
    assert_true(rare.weight > frequent.weight);
    assert_true(has_level(&rare, "family_name", "same_rare"));
    assert_true(has_level(&frequent, "family_name", "same_frequent"));
}

static void test_handles_decide(void **state)
{
    (void)state;
    struct match_person a = {.name = SLICE("Quilla Brandvold"),
                             .links = {SLICE("https://www.linkedin.com/in/quillab/")},
                             .link_count = 1};
    struct match_person same = {.name = SLICE("Q. Brandvold"),
                                .links = {SLICE("linkedin.com/in/QuillaB?ref=1")},
                                .link_count = 1};
    struct match_person other = {.name = SLICE("Quilla Brandvold"),
                                 .links = {SLICE("https://linkedin.com/in/quilla-b-2")},
                                 .link_count = 1};
    assert_int_equal(compare(&a, &same).decision, MATCH_MERGE);
    struct match_answer answer = compare(&a, &other);
    assert_true(has_level(&answer, "linkedin", "different"));
    assert_int_not_equal(answer.decision, MATCH_MERGE);
}

static void test_what_is_beside_the_name(void **state)
{
    (void)state;
    struct match_person a = {.name = SLICE("Quilla Brandvold"),
                             .company = SLICE("Harbour Lathe GmbH"),
                             .title = SLICE("Head of Research"),
                             .bio =
                                 SLICE("Quilla turns wood and writes about lathes for beginners"),
                             .email = SLICE("quilla@harbourlathe.example")};
    struct match_person b = a;
    b.company = SLICE("harbour lathe");
    b.email = SLICE("q@harbourlathe.example");
    struct match_answer answer = compare(&a, &b);
    assert_true(has_level(&answer, "company", "same"));
    assert_true(has_level(&answer, "title", "same"));
    assert_true(has_level(&answer, "bio", "same"));
    assert_true(has_level(&answer, "email", "same_domain"));
    // "Freelancer" is no company: nothing is compared.
    b.company = SLICE("Freelancer");
    answer = compare(&a, &b);
    assert_true(has_level(&answer, "company", "missing"));
}

static void test_weights_add_up(void **state)
{
    (void)state;
    const struct match_model *model = match_model_get();
    struct match_answer answer = compare_names("Quilla Brandvold", "Quila Brandvold");
    double sum = model->kinds[MATCH_SPEAKERS].prior;
    for (size_t i = 0; i < answer.step_count; i++)
        sum += answer.steps[i].bits;
    assert_true(fabs(sum - answer.weight) < 1e-9);
    assert_true(fabs(answer.probability - 1 / (1 + exp2(-sum))) < 1e-12);
}

// ---- symmetry

static const char *const pieces[] = {
    "Quilla", "quilla", "Q.",        "Brandvold", "BRANDVOLD", "van",       "de",
    "-",      ",",      "(she/her)", "Dr.",       "Liz",       "Elizabeth", "Wei",
    "Xiao",   "李昱勳", "Иван",      "&",         "and",       "\"Kip\"",   "@ Acme",
    "Smith",  "José",   "M.",        "Li",        "J",         "\xff",      "🚀"};

static struct slice random_name(unsigned *seed)
{
    char text[256] = "";
    size_t used = 0, count = (size_t)(rand_r(seed) % 6);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "",
                                 pieces[(size_t)rand_r(seed) % ARRAY_LEN(pieces)]);
    return arena_slice(arena, (struct slice){text, used});
}

static void test_the_order_of_two_does_not_matter(void **state)
{
    (void)state;
    unsigned seed = 28;
    for (size_t i = 0; i < 3000; i++) {
        struct match_person a = {.name = random_name(&seed), .company = random_name(&seed)};
        struct match_person b = {.name = random_name(&seed), .company = random_name(&seed)};
        struct match_answer one = compare(&a, &b), two = compare(&b, &a);
        if (one.weight != two.weight || one.decision != two.decision ||
            one.step_count != two.step_count)
            fail_msg("%.*s | %.*s: %.4f and %.4f", SLICE_FMT(a.name), SLICE_FMT(b.name), one.weight,
                     two.weight);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writings_of_one_name_are_merged),
        cmocka_unit_test(test_other_people_are_not_merged),
        cmocka_unit_test(test_a_frequent_name_says_less),
        cmocka_unit_test(test_handles_decide),
        cmocka_unit_test(test_what_is_beside_the_name),
        cmocka_unit_test(test_weights_add_up),
        cmocka_unit_test(test_the_order_of_two_does_not_matter),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
