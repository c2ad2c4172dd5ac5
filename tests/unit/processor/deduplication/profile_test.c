// Profiles: which form of two people counts, what only the catalogue knows, and that the order does not matter.
#include "processor/deduplication/profile.h"
#include "support/arena_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char plain[] =
    "{\"name\":\"Quilla Brandvold\",\"normalized_name\":\"quilla brandvold\"}";

static struct profile profile_of(enum match_kind kind, const char *text)
{
    struct profile profile;
    yyjson_val *json;
    assert_int_equal(json_parse(arena, slice_from_cstr(text), &json, NULL), ERR_OK);
    profile_read(arena, kind, json, &profile);
    return profile;
}

static bool has_level(const struct match_answer *answer, enum match_level level)
{
    return match_answer_has(answer, level);
}

static void assert_weights_equal(const struct match_answer *a, const struct match_answer *b)
{
    assert_true(fabs(a->weight - b->weight) < 1e-9);
}

// Both ways round, which must agree.
static struct match_answer compare(enum match_kind kind, const char *left, const char *right,
                                   double people)
{
    struct profile a = profile_of(kind, left), b = profile_of(kind, right);
    struct match_answer there, back;
    profile_compare(&a, &b, people, &there);
    profile_compare(&b, &a, people, &back);
    assert_weights_equal(&there, &back);
    assert_int_equal(there.decision, back.decision);
    assert_int_equal(there.step_count, back.step_count);
    for (size_t i = 0; i < there.step_count; i++)
        assert_int_equal(there.steps[i].level, back.steps[i].level);
    assert_int_equal(profile_is_worth_asking(&a, &b, &there),
                     profile_is_worth_asking(&b, &a, &back));
    return there;
}

static struct match_answer compare_people(const char *left, const char *right, double people)
{
    return compare(MATCH_SPEAKERS, left, right, people);
}

static void test_a_plain_profile_is_compared_like_its_record(void **state)
{
    (void)state;
    struct match_person person = {.name = SLICE("Quilla Brandvold")},
                        other = {.name = SLICE("Dr. Q. Brandvold"), .company = SLICE("Looms")};
    struct match_answer record;
    match_people(match_model_get(), arena, &person, &other, &record);
    struct match_answer answer = compare_people(
        plain, "{\"name\":\"Dr. Q. Brandvold\",\"company\":\"Looms\",\"title\":null}", 0);
    assert_weights_equal(&answer, &record);
    assert_int_equal(answer.step_count, record.step_count);
}

static void test_another_name_of_a_person_counts(void **state)
{
    (void)state;
    const char *of_another_name = "{\"name\":\"Tamsin Roe\",\"normalized_name\":\"tamsin roe\"}";
    const char *of_both = "{\"name\":\"Tamsin Roe\",\"normalized_name\":\"tamsin roe\","
                          "\"aliases\":[\"Quilla Brandvold\"]}";
    assert_int_equal(compare_people(plain, of_another_name, 0).decision, MATCH_DISTINCT);
    struct match_answer alias = compare_people(plain, of_both, 0),
                        name = compare_people(plain, plain, 0);
    assert_int_equal(alias.decision, MATCH_MERGE);
    assert_weights_equal(&alias, &name);

    struct profile a = profile_of(MATCH_SPEAKERS, plain),
                   b = profile_of(MATCH_SPEAKERS, of_another_name);
    struct profile spelling = profile_of(MATCH_SPEAKERS, "{\"name\":\"Quilla Brandvold\"}");
    profile_add_spelling(arena, &b, spelling.json);
    profile_compare(&a, &b, 0, &alias);
    assert_weights_equal(&alias, &name);
}

static void test_what_was_known_of_a_spelling_counts(void **state)
{
    (void)state;
    const char *mention = "{\"name\":\"James Smith\",\"company\":\"Looms\"}";
    struct profile a = profile_of(MATCH_SPEAKERS, mention),
                   b = profile_of(MATCH_SPEAKERS,
                                  "{\"name\":\"Quilla Brandvold\",\"company\":\"Engines\"}"),
                   spelling = profile_of(MATCH_SPEAKERS, mention);
    struct match_answer answer;
    profile_add_spelling(arena, &b, spelling.json);
    profile_compare(&a, &b, 0, &answer);
    assert_true(has_level(&answer, MATCH_PERSON_COMPANY_SAME));
    assert_int_equal(answer.decision, MATCH_MERGE);

    struct profile c = profile_of(MATCH_COMPANIES, "{\"name\":\"Brandvold Looms\"}"),
                   d = profile_of(MATCH_COMPANIES,
                                  "{\"name\":\"Quilla\",\"domain\":\"quilla.example\"}");
    profile_add_spelling(arena, &d, c.json);
    profile_compare(&c, &d, 0, &answer);
    assert_int_equal(answer.decision, MATCH_MERGE);
}

static void test_a_former_company_counts(void **state)
{
    (void)state;
    const char *of_looms = "{\"name\":\"James Smith\",\"company\":\"Looms\"}";
    const char *of_engines = "{\"name\":\"James Smith\",\"company\":\"Engines\"}";
    const char *of_both =
        "{\"name\":\"James Smith\",\"company\":\"Engines\",\"companies\":[\"Looms\"]}";
    struct match_answer other = compare_people(of_looms, of_engines, 0),
                        same = compare_people(of_looms, of_both, 0);
    assert_true(has_level(&other, MATCH_PERSON_COMPANY_OTHER));
    assert_true(has_level(&same, MATCH_PERSON_COMPANY_SAME));
    assert_int_equal(other.decision, MATCH_REVIEW);
    assert_int_equal(same.decision, MATCH_MERGE);
}

static void test_more_than_a_maximum_of_names_is_passed_over(void **state)
{
    (void)state;
    struct profile profile = profile_of(
        MATCH_SPEAKERS,
        "{\"name\":\"A Roe\",\"aliases\":[\"B Roe\",\"C Roe\",\"D Roe\",\"E Roe\",\"F Roe\"],"
        "\"companies\":[\"One\",\"Two\",\"Three\",\"Four\"]}");
    // There is place for a spelling and what its row says.
    assert_true(profile.form_count + 2 <= PROFILE_MAX_FORMS);
    struct profile spelling = profile_of(MATCH_SPEAKERS, "{\"name\":\"G Roe\"}");
    for (int i = 0; i < 2 * PROFILE_MAX_FORMS; i++)
        profile_add_spelling(arena, &profile, spelling.json);
    assert_int_equal(profile.form_count, PROFILE_MAX_FORMS);
}

static void test_namesakes(void **state)
{
    (void)state;
    const char *frequent = "{\"name\":\"James Smith\"}";
    const char *firm = "{\"name\":\"James Smith\",\"company\":\"Looms\"}";
    struct match_answer few = compare_people(frequent, frequent, 0),
                        many = compare_people(frequent, frequent, 1e6),
                        more = compare_people(frequent, frequent, 4e6),
                        rare_of_few = compare_people(plain, plain, 0),
                        rare_of_many = compare_people(plain, plain, 1e6),
                        firm_of_few = compare_people(firm, firm, 0),
                        firm_of_many = compare_people(firm, firm, 4e6);
    double most = match_model_get()->levels[MATCH_PERSON_NAMESAKES].bits;
    assert_true(most < 0);
    assert_false(has_level(&few, MATCH_PERSON_NAMESAKES));
    assert_true(has_level(&many, MATCH_PERSON_NAMESAKES));
    assert_true(few.weight > many.weight);
    // Four times as many people: two bits less.
    assert_true(fabs(many.weight - more.weight - 2) < 1e-9);
    assert_int_equal(few.decision, MATCH_MERGE);
    assert_true(more.decision != MATCH_MERGE);
    // Where one other is to be expected, a name weighs what the model says at most.
    struct match_person person = {.name = SLICE("James Smith")};
    const struct match_person_form *form = match_person_prepare(arena, &person, NULL);
    double people = 1 / match_person_namesakes(form, 1);
    struct match_answer one_other = compare_people(frequent, frequent, people);
    assert_true(fabs(one_other.weight - most) < 1e-9);
    // A rare name stays what it is, and so does whoever has more than the name in common.
    assert_weights_equal(&rare_of_few, &rare_of_many);
    assert_weights_equal(&firm_of_few, &firm_of_many);
}

static void test_listed_together(void **state)
{
    (void)state;
    static const struct {
        const char *of_a, *of_b;
        bool is_together;
    } cases[] = {
        {"[]", "[]", false},
        {"[\"a\",\"c\"]", "[\"b\",\"d\"]", false},
        {"[\"a\",\"c\",\"e\"]", "[\"b\",\"c\"]", true},
        {"[\"a\"]", "[\"a\"]", true},
        {"[\"a\",\"b\",\"z\"]", "[\"c\",\"z\"]", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *eli = arena_printf(
            arena, "{\"name\":\"Eli Moss\",\"normalized_name\":\"eli moss\",\"events\":%s}",
            cases[i].of_a);
        const char *elias = arena_printf(
            arena, "{\"name\":\"Elias Moss\",\"normalized_name\":\"elias moss\",\"events\":%s}",
            cases[i].of_b);
        const char *also_eli = arena_printf(
            arena, "{\"name\":\"Eli Moss\",\"normalized_name\":\"eli moss\",\"events\":%s}",
            cases[i].of_b);
        struct match_answer answer = compare_people(eli, elias, 0);
        assert_int_equal(has_level(&answer, MATCH_PERSON_LISTED_TOGETHER), cases[i].is_together);
        assert_int_equal(answer.decision, cases[i].is_together ? MATCH_REVIEW : MATCH_MERGE);
        // Twice under one name is no two people.
        answer = compare_people(eli, also_eli, 0);
        assert_false(has_level(&answer, MATCH_PERSON_LISTED_TOGETHER));
    }
}

static void test_what_somebody_is_asked_about(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right;
        bool is_asked;
    } cases[] = {
        {"{\"name\":\"T. Quernstone\"}", "{\"name\":\"Tamsin Quernstone\"}", true},
        {"{\"name\":\"Tamsin\"}", "{\"name\":\"Tamsin Quernstone\"}", false},
        {"{\"name\":\"Tamsin Q.\"}", "{\"name\":\"Tamsin Quernstone\"}", false},
        {"{\"name\":\"Tamsin Q.\",\"company\":\"Looms\"}",
         "{\"name\":\"Tamsin Quernstone\",\"company\":\"Looms\"}", true},
        {"{\"name\":\"Tamsin Roe\"}", "{\"name\":\"Quilla Brandvold\"}", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct profile a = profile_of(MATCH_SPEAKERS, cases[i].left),
                       b = profile_of(MATCH_SPEAKERS, cases[i].right);
        struct match_answer answer = compare_people(cases[i].left, cases[i].right, 0);
        assert_int_equal(profile_is_worth_asking(&a, &b, &answer), cases[i].is_asked);
    }
}

static void test_companies(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right;
        enum match_decision decision;
    } cases[] = {
        {"{\"name\":\"Acme\"}", "{\"name\":\"Acme Inc.\"}", MATCH_MERGE},
        {"{\"name\":\"Acme\"}", "{\"name\":\"Acme Cloud\"}", MATCH_DISTINCT},
        {"{\"name\":\"Acme\"}", "{\"name\":\"Quillbridge\"}", MATCH_DISTINCT},
        {"{\"name\":\"Acme\"}", "{\"name\":\"Quillbridge\",\"aliases\":[\"Acme GmbH\"]}",
         MATCH_MERGE},
        {"{\"name\":\"Bolt Works\",\"domain\":\"bolt.example\"}",
         "{\"name\":\"The Bolt\",\"domain\":\"https://www.bolt.example/\"}", MATCH_MERGE},
        {"{\"name\":\"Freelancer\"}", "{\"name\":\"Freelancer\"}", MATCH_DISTINCT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(compare(MATCH_COMPANIES, cases[i].left, cases[i].right, 0).decision,
                         cases[i].decision);
}

static void test_events(void **state)
{
    (void)state;
    const char *one = "{\"name\":\"Demo Night\",\"starts_at\":\"2026-05-05T18:00:00Z\","
                      "\"venue\":\"Hall\"}",
               *same = "{\"name\":\"demo night\",\"starts_at\":\"2026-05-05T18:00:00Z\","
                       "\"venue\":\"hall\",\"luma_id\":\"evt-1\"}",
               *later = "{\"name\":\"Demo Night\",\"starts_at\":\"2026-05-09T18:00:00Z\","
                        "\"venue\":\"Hall\"}";
    assert_int_equal(compare(MATCH_EVENTS, one, same, 0).decision, MATCH_MERGE);
    assert_int_equal(compare(MATCH_EVENTS, one, later, 0).decision, MATCH_DISTINCT);
}

static size_t count_shared(const struct match_key *a, size_t a_count, const struct match_key *b,
                           size_t b_count)
{
    size_t shared = 0;
    for (size_t i = 0; i < a_count; i++)
        for (size_t j = 0; j < b_count; j++)
            shared += a[i].hash == b[j].hash;
    return shared;
}

static void test_the_keys_are_those_of_all_forms(void **state)
{
    (void)state;
    struct profile both = profile_of(MATCH_SPEAKERS,
                                     "{\"name\":\"Tamsin Roe\",\"aliases\":[\"Quilla Brandvold\"],"
                                     "\"handles\":[{\"kind\":\"x\",\"value\":\"x.com/tamsin\"}]}"),
                   one = profile_of(MATCH_SPEAKERS, plain),
                   address =
                       profile_of(MATCH_SPEAKERS,
                                  "{\"name\":\"Q\",\"links\":{\"x\":\"https://x.com/Tamsin\"}}"),
                   event = profile_of(MATCH_EVENTS, "{\"name\":\"Demo Night\"}");
    size_t both_count, one_count, address_count, event_count;
    struct match_key *of_both = profile_keys(arena, &both, &both_count),
                     *of_one = profile_keys(arena, &one, &one_count),
                     *of_address = profile_keys(arena, &address, &address_count);
    profile_keys(arena, &event, &event_count);
    for (size_t i = 1; i < both_count; i++)
        assert_true(of_both[i - 1].hash < of_both[i].hash);
    assert_true(one_count > 0);
    assert_int_equal(count_shared(of_both, both_count, of_one, one_count), one_count);
    assert_int_equal(count_shared(of_both, both_count, of_address, address_count), 1);
    assert_true(event_count > 0);
}

static void test_the_waterfall(void **state)
{
    (void)state;
    struct profile a = profile_of(MATCH_SPEAKERS,
                                  "{\"name\":\"James Smith\",\"company\":\"Looms\",\"handles\":"
                                  "[{\"kind\":\"linkedin\",\"value\":\"linkedin.com/in/a\"}]}"),
                   b = profile_of(MATCH_SPEAKERS,
                                  "{\"name\":\"Jim Smith\",\"company\":\"Engines\",\"handles\":"
                                  "[{\"kind\":\"linkedin\",\"value\":\"linkedin.com/in/b\"}]}");
    static const struct {
        const char *field, *left, *right;
    } shown[] = {{"company", "Looms", "Engines"},
                 {"linkedin", "linkedin.com/in/a", "linkedin.com/in/b"},
                 {"given_name", "James Smith", "Jim Smith"},
                 {"family_name", "James Smith", "Jim Smith"}};
    struct match_answer answer;
    yyjson_val *list, *step;
    size_t i, most, seen = 0;
    double sum = match_model_get()->kinds[MATCH_SPEAKERS].prior;
    profile_compare(&a, &b, 0, &answer);
    struct slice text = profile_render_waterfall(arena, &a, &b, &answer);
    assert_int_equal(json_parse(arena, text, &list, NULL), ERR_OK);
    assert_int_equal(yyjson_arr_size(list), answer.step_count);
    yyjson_arr_foreach (list, i, most, step) {
        sum += json_get_double(step, "weight", NAN);
        assert_true(json_get_text(step, "explanation").len > 0);
        for (size_t j = 0; j < ARRAY_LEN(shown); j++) {
            if (!slice_equal(json_get_text(step, "field"), slice_from_cstr(shown[j].field)))
                continue;
            assert_true(slice_equal(json_get_text(step, "left"), slice_from_cstr(shown[j].left)));
            assert_true(slice_equal(json_get_text(step, "right"), slice_from_cstr(shown[j].right)));
            seen++;
        }
    }
    assert_int_equal(seen, ARRAY_LEN(shown));
    assert_true(fabs(sum - answer.weight) < 0.06); // each is told with two places
    assert_true(fabs(profile_probability(&answer) - 1 / (1 + exp2(-answer.weight))) < 1e-4);
}

static void test_the_names_of_kinds(void **state)
{
    (void)state;
    assert_int_equal(entity_kind_find(SLICE("speaker")), MATCH_SPEAKERS);
    assert_int_equal(entity_kind_find(SLICE("company")), MATCH_COMPANIES);
    assert_int_equal(entity_kind_find(SLICE("event")), MATCH_EVENTS);
    assert_int_equal(entity_kind_find(SLICE("speakers")), MATCH_KIND_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plain_profile_is_compared_like_its_record),
        cmocka_unit_test(test_another_name_of_a_person_counts),
        cmocka_unit_test(test_what_was_known_of_a_spelling_counts),
        cmocka_unit_test(test_a_former_company_counts),
        cmocka_unit_test(test_more_than_a_maximum_of_names_is_passed_over),
        cmocka_unit_test(test_namesakes),
        cmocka_unit_test(test_listed_together),
        cmocka_unit_test(test_what_somebody_is_asked_about),
        cmocka_unit_test(test_companies),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_the_keys_are_those_of_all_forms),
        cmocka_unit_test(test_the_waterfall),
        cmocka_unit_test(test_the_names_of_kinds),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
