// What evidence comes to: the cases that the weights were set for, symmetry, and the form of the answer.
#include "processor/deduplication/scorer.h"

#include "lib/base/buffer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct match_score score(enum match_kind kind, const char *left, const char *right)
{
    yyjson_val *a, *b;
    struct match_score there, back;
    assert_int_equal(json_parse(arena, slice_from_cstr(left), &a, NULL), ERR_OK);
    assert_int_equal(json_parse(arena, slice_from_cstr(right), &b, NULL), ERR_OK);
    match_score(match_scorer_of(kind), a, b, &there);
    match_score(match_scorer_of(kind), b, a, &back);
    assert_true(fabs(there.weight - back.weight) < 1e-9);
    assert_int_equal(there.count, back.count);
    return there;
}

static void test_people(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right;
        double least, most;
    } cases[] = {
        // one name alone
        {"{\"normalized_name\":\"ada byron\"}", "{\"normalized_name\":\"ada byron\"}", 0.69, 0.71},
        // and one company
        {"{\"normalized_name\":\"ada byron\",\"company_key\":\"engines\"}",
         "{\"normalized_name\":\"ada byron\",\"company_key\":\"engines\"}", 0.95, 0.96},
        // and another company
        {"{\"normalized_name\":\"ada byron\",\"company_key\":\"engines\"}",
         "{\"normalized_name\":\"ada byron\",\"company_key\":\"looms\"}", 0.5, 0.6},
        // one profile, a word in common
        {"{\"normalized_name\":\"ada byron\",\"handles\":[{\"kind\":\"linkedin\",\"key\":\"a\","
         "\"value\":\"A\"}]}",
         "{\"normalized_name\":\"ada b\",\"handles\":[{\"kind\":\"linkedin\",\"key\":\"a\","
         "\"value\":\"a\"}]}",
         0.985, 0.995},
        // one profile, nothing in common
        {"{\"normalized_name\":\"ada byron\",\"handles\":[{\"kind\":\"x\",\"key\":\"a\","
         "\"value\":\"a\"}]}",
         "{\"normalized_name\":\"engines\",\"handles\":[{\"kind\":\"x\",\"key\":\"a\","
         "\"value\":\"a\"}]}",
         0.2, 0.4},
        // one name, two profiles on one site
        {"{\"normalized_name\":\"ada byron\",\"handles\":[{\"kind\":\"linkedin\",\"key\":\"a\","
         "\"value\":\"a\"}]}",
         "{\"normalized_name\":\"ada byron\",\"handles\":[{\"kind\":\"linkedin\",\"key\":\"b\","
         "\"value\":\"b\"}]}",
         0, 0.1},
        // a single letter is no word in common
        {"{\"normalized_name\":\"a byron\"}", "{\"normalized_name\":\"a lovelace\"}", 0, 0.001},
        // nothing at all
        {"{}", "{}", 0, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct match_score found = score(MATCH_SPEAKER, cases[i].left, cases[i].right);
        if (found.probability < cases[i].least || found.probability > cases[i].most)
            fail_msg("case %zu: %f", i, found.probability);
    }
}

static void test_several_handles_of_a_kind_meet_in_any(void **state)
{
    (void)state;
    struct match_score found =
        score(MATCH_SPEAKER,
              "{\"normalized_name\":\"ada b\",\"handles\":[{\"kind\":\"x\",\"key\":\"1\",\"value\":"
              "\"1\"},{\"kind\":\"x\",\"key\":\"2\",\"value\":\"2\"}]}",
              "{\"normalized_name\":\"ada c\",\"handles\":[{\"kind\":\"x\",\"key\":\"2\",\"value\":"
              "\"2\"},{\"kind\":\"youtube\",\"key\":\"3\",\"value\":\"3\"}]}");
    assert_int_equal(found.count, 2);
    assert_string_equal(found.items[1].field, "x");
    assert_string_equal(found.items[1].level, "equal");
    assert_true(slice_equal(found.items[1].left, SLICE("2")));
}

static void test_names_side_by_side_on_one_event(void **state)
{
    (void)state;
    const char *a = "{\"normalized_name\":\"ada moss\",\"events\":[\"1\",\"3\",\"5\"]}";
    struct match_score two =
        score(MATCH_SPEAKER, a, "{\"normalized_name\":\"ina moss\",\"events\":[\"2\",\"5\"]}");
    assert_string_equal(two.items[two.count - 1].level, "listed_together");
    struct match_score apart =
        score(MATCH_SPEAKER, a, "{\"normalized_name\":\"ina moss\",\"events\":[\"2\",\"4\"]}");
    assert_int_equal(apart.count, 1);
    struct match_score one =
        score(MATCH_SPEAKER, a, "{\"normalized_name\":\"ada moss\",\"events\":[\"5\"]}");
    assert_int_equal(one.count, 1);
}

static void test_companies_and_events(void **state)
{
    (void)state;
    struct match_score form =
        score(MATCH_COMPANY, "{\"name_key\":\"acme\"}", "{\"name_key\":\"acme\"}");
    assert_true(form.probability >= 0.95 && form.probability < 0.96);
    struct match_score domain =
        score(MATCH_COMPANY, "{\"name_key\":\"acme labs\",\"domain_key\":\"acme.example\"}",
              "{\"name_key\":\"acme\",\"domain_key\":\"acme.example\"}");
    assert_true(domain.probability > 0.9 && domain.probability < 0.95);
    const char *event = "{\"title_key\":\"demo\",\"starts_at\":\"2026-05-05\",\"place_key\":\"h\"}";
    assert_true(score(MATCH_EVENT, event, event).probability > 0.99);
    const char *elsewhere =
        "{\"title_key\":\"demo\",\"starts_at\":\"2026-05-05\",\"place_key\":\"i\"}";
    assert_true(score(MATCH_EVENT, event, elsewhere).probability < 0.5);
}

static void test_the_sum_is_the_weight(void **state)
{
    (void)state;
    struct match_score found =
        score(MATCH_SPEAKER, "{\"name\":\"A B\",\"normalized_name\":\"ab\",\"company_key\":\"x\"}",
              "{\"name\":\"ab\",\"normalized_name\":\"ab\",\"company_key\":\"y\"}");
    double sum = match_scorer_of(MATCH_SPEAKER)->prior;
    for (size_t i = 0; i < found.count; i++)
        sum += found.items[i].weight;
    assert_true(fabs(sum - found.weight) < 1e-9);
    struct buffer text;
    buffer_init(&text, 4096);
    struct json_writer w = json_writer_on(&text);
    match_write_evidence(&w, &found);
    assert_string_equal(
        arena_cstr(arena, buffer_slice(&text)),
        "[{\"field\":\"name\",\"level\":\"equal\",\"left\":\"A "
        "B\",\"right\":\"ab\",\"weight\":11.22},"
        "{\"field\":\"company\",\"level\":\"different\",\"left\":null,\"right\":null,"
        "\"weight\":-1}]");
    buffer_done(&text);
}

static void test_kinds_by_name(void **state)
{
    (void)state;
    assert_int_equal(match_kind_find(SLICE("company")), MATCH_COMPANY);
    assert_int_equal(match_kind_find(SLICE("topic")), MATCH_KIND_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_people, setup, teardown),
        cmocka_unit_test_setup_teardown(test_several_handles_of_a_kind_meet_in_any, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_names_side_by_side_on_one_event, setup, teardown),
        cmocka_unit_test_setup_teardown(test_companies_and_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_sum_is_the_weight, setup, teardown),
        cmocka_unit_test(test_kinds_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
