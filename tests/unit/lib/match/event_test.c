// Events: one event in two lists, other editions of a series, and that the order does not matter.
#include "lib/match/match.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct match_answer compare(const struct match_event *a, const struct match_event *b)
{
    struct match_answer answer, turned;
    match_events(match_model_get(), arena, a, b, &answer);
    match_events(match_model_get(), arena, b, a, &turned);
    assert_true(answer.weight == turned.weight);
    return answer;
}

static const struct match_event lathe = {
    .name = SLICE_INIT("LatheConf 2024"),
    .url = SLICE_INIT("https://latheconf.example/2024"),
    .place = SLICE_INIT("Porto, Portugal"),
    .starts_at = SLICE_INIT("2024-05-02"),
    .ends_at = SLICE_INIT("2024-05-03"),
};

static void test_one_event_in_two_lists(void **state)
{
    (void)state;
    struct match_event other = lathe;
    other.name = SLICE("Lathe Conf");
    other.url = SLICE("http://www.latheconf.example");
    assert_int_equal(compare(&lathe, &other).decision, MATCH_MERGE);
    other.starts_at = SLICE("2024-05-02T09:00:00Z");
    assert_int_equal(compare(&lathe, &other).decision, MATCH_MERGE);
    other.url = SLICE("https://web.archive.org/web/2024/https://latheconf.example/");
    assert_int_equal(compare(&lathe, &other).decision, MATCH_MERGE);
}

static void test_other_editions_are_other_events(void **state)
{
    (void)state;
    struct match_event other = lathe;
    other.starts_at = SLICE("2025-05-02");
    other.ends_at = (struct slice){0};
    assert_int_equal(compare(&lathe, &other).decision, MATCH_DISTINCT);
    other = lathe;
    other.name = SLICE("LatheConf 2025");
    assert_int_not_equal(compare(&lathe, &other).decision, MATCH_MERGE);
}

static void test_the_same_day_is_not_the_same_event(void **state)
{
    (void)state;
    struct match_event other = lathe;
    other.name = SLICE("Quill Days");
    other.place = SLICE("Oslo, Norway");
    other.url = SLICE("https://quilldays.example");
    assert_int_equal(compare(&lathe, &other).decision, MATCH_DISTINCT);
}

static void test_luma_id_decides(void **state)
{
    (void)state;
    struct match_event a = {.name = SLICE("Rooftop demo night"), .luma_id = SLICE("evt-1")};
    struct match_event b = {.name = SLICE("Demo night (moved!)"), .luma_id = SLICE("evt-1")};
    assert_int_equal(compare(&a, &b).decision, MATCH_MERGE);
}

static void test_nothing_is_known(void **state)
{
    (void)state;
    struct match_event none = {0};
    assert_int_not_equal(compare(&none, &none).decision, MATCH_MERGE);
    assert_int_not_equal(compare(&lathe, &none).decision, MATCH_MERGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_event_in_two_lists),
        cmocka_unit_test(test_other_editions_are_other_events),
        cmocka_unit_test(test_the_same_day_is_not_the_same_event),
        cmocka_unit_test(test_luma_id_decides),
        cmocka_unit_test(test_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
