// Events that several sources list: addresses, hours, occasions, and keys that lead from one to the other.
#include "lib/match/keys.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct match_event luma = {
    .name = SLICE_INIT("Quillwork: an evening of looms"),
    .url = SLICE_INIT("https://luma.com/quillwork"),
    .luma_id = SLICE_INIT("evt-1"),
    .place = SLICE_INIT("Berlin"),
    .venue = SLICE_INIT("Spindle Hall, Webergasse 7"),
    .starts_at = SLICE_INIT("2031-06-03T18:30:00+02:00"),
    .ends_at = SLICE_INIT("2031-06-03T21:30:00+02:00"),
};
static const struct match_event shop = {
    .name = SLICE_INIT("Quillwork - An Evening of Looms"),
    .url = SLICE_INIT("https://www.eventbrite.com/e/quillwork-tickets-77000001"),
    .place = SLICE_INIT("Berlin, Germany"),
    .starts_at = SLICE_INIT("2031-06-03T16:30:00Z"),
};

static struct match_answer compare(const struct match_event *a, const struct match_event *b)
{
    struct match_answer answer, turned;
    match_events(match_model_get(), arena, a, b, &answer);
    match_events(match_model_get(), arena, b, a, &turned);
    assert_true(answer.weight == turned.weight);
    assert_int_equal(answer.decision, turned.decision);
    double sum = match_model_get()->kinds[MATCH_EVENTS].prior;
    for (size_t i = 0; i < answer.step_count; i++)
        sum += match_level_field(answer.steps[i].level)[0] == 'm' ? 0 : answer.steps[i].bits;
    assert_true(sum - answer.weight < 1e-9 && answer.weight - sum < 1e-9);
    return answer;
}

// Do they share a key, and so are ever compared?
static bool meet(const struct match_event *a, const struct match_event *b)
{
    struct match_key of_a[MATCH_MAX_EVENT_KEYS], of_b[MATCH_MAX_EVENT_KEYS];
    size_t a_count = match_event_keys(match_event_prepare(arena, a), of_a);
    size_t b_count = match_event_keys(match_event_prepare(arena, b), of_b);
    for (size_t i = 0; i < a_count; i++)
        for (size_t j = 0; j < b_count; j++)
            if (of_a[i].hash == of_b[j].hash)
                return true;
    return false;
}

static void test_two_sources_are_one(void **state)
{
    (void)state;
    struct match_event other = shop;
    assert_int_equal(compare(&luma, &other).decision, MATCH_MERGE);
    assert_true(meet(&luma, &other));
    other.starts_at = SLICE("2031-06-03");
    assert_int_equal(compare(&luma, &other).decision, MATCH_MERGE);
    assert_true(meet(&luma, &other));
    // Late in the evening it is the next day elsewhere.
    struct match_event late = luma;
    late.starts_at = SLICE("2031-06-03T22:30:00-07:00");
    other.starts_at = SLICE("2031-06-04T05:30:00Z");
    assert_int_equal(compare(&late, &other).decision, MATCH_MERGE);
    assert_true(meet(&late, &other));
    // A clock that was read in the wrong zone.
    other.starts_at = SLICE("2031-06-03T18:30:00Z");
    assert_int_equal(compare(&luma, &other).decision, MATCH_MERGE);
}

static void test_days_meet_those_beside_them_and_no_others(void **state)
{
    (void)state;
    static const char *const days[] = {"2031-05-31", "2031-06-01", "2031-06-02",
                                       "2031-06-03", "2031-06-04", "2031-06-05"};
    for (size_t i = 0; i < ARRAY_LEN(days); i++)
        for (size_t j = 0; j < ARRAY_LEN(days); j++) {
            struct match_event a = {.name = SLICE("Quillwork"),
                                    .starts_at = slice_from_cstr(days[i])};
            struct match_event b = {.name = SLICE("Quillwork"),
                                    .starts_at = slice_from_cstr(days[j])};
            size_t apart = i > j ? i - j : j - i;
            assert_int_equal(meet(&a, &b), apart <= 1);
        }
    struct match_event undated = {.name = SLICE("Quillwork")};
    assert_true(meet(&undated, &undated));
    assert_false(meet(&undated, &luma));
}

static void test_other_hours_are_other_sessions(void **state)
{
    (void)state;
    struct match_event other = shop;
    other.starts_at = SLICE("2031-06-03T10:00:00+02:00");
    assert_int_not_equal(compare(&luma, &other).decision, MATCH_MERGE);
}

static void test_two_pages_of_a_site_need_a_person(void **state)
{
    (void)state;
    struct match_event one = shop, other = shop;
    one.venue = other.venue = SLICE("Spindle Hall");
    one.organiser = other.organiser = SLICE("Spindle Makers");
    other.url = SLICE("https://www.eventbrite.com/e/quillwork-tickets-77000002");
    assert_int_equal(compare(&one, &other).decision, MATCH_REVIEW);
    // The number is the page, whatever stands before it and under whichever domain.
    other.url = SLICE("http://eventbrite.de/e/quillwork-karten-77000001/?aff=mail");
    assert_int_equal(compare(&one, &other).decision, MATCH_MERGE);
    struct match_event twin = luma;
    twin.luma_id = SLICE("evt-2");
    twin.organiser = SLICE("Spindle Makers");
    assert_int_equal(compare(&luma, &twin).decision, MATCH_REVIEW);
    // Both names of Luma and its two forms of ids are one.
    struct match_event a = {.name = SLICE("Warp"), .url = SLICE("https://lu.ma/evt-abc")};
    struct match_event b = {.name = SLICE("Warp"),
                            .url = SLICE("https://www.luma.com/event/evt-abc")};
    struct match_answer answer = compare(&a, &b);
    assert_true(match_answer_has(&answer, MATCH_EVENT_URL_SAME));
}

static void test_links_from_page_to_page(void **state)
{
    (void)state;
    struct match_event own = {.name = SLICE("Weft Summit"),
                              .url = SLICE("https://weft.example/summit"),
                              .starts_at = SLICE("2031-06-03")};
    struct match_event linking = luma;
    linking.links[linking.link_count++] = SLICE("https://weft.example/summit/");
    assert_true(meet(&own, &linking));
    assert_false(meet(&own, &luma));
    struct match_answer answer = compare(&own, &linking);
    assert_true(match_answer_has(&answer, MATCH_EVENT_URL_LINKED));
    // Another title is another event all the same.
    assert_int_equal(answer.decision, MATCH_DISTINCT);
    own.name = SLICE("Quillwork");
    assert_int_equal(compare(&own, &linking).decision, MATCH_MERGE);
}

static void test_titles_that_name_something_else(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
        enum match_level level;
    } rows[] = {
        {"Weft Summit", "Weft Summit Afterparty", MATCH_EVENT_TITLE_OCCASION},
        {"Weft Summit", "Weft Summit: hands-on workshop", MATCH_EVENT_TITLE_OCCASION},
        {"Berlin Rust Meetup", "Berlin Python Meetup", MATCH_EVENT_TITLE_CROSSED},
        {"AI Meetup", "AI meetup!", MATCH_EVENT_TITLE_GENERAL},
        {"Demo Night", "Quillbridge Demo Night", MATCH_EVENT_TITLE_GENERAL},
        {"Weft Summit", "The Weft Summit in Berlin", MATCH_EVENT_TITLE_PART},
        {"Route 1", "Route 12", MATCH_EVENT_TITLE_LETTERS}, // and another edition
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct match_event a = luma, b = shop;
        a.name = slice_from_cstr(rows[i].one);
        b.name = slice_from_cstr(rows[i].other);
        struct match_answer answer = compare(&a, &b);
        if (!match_answer_has(&answer, rows[i].level))
            fail_msg("%s, %s: %s", rows[i].one, rows[i].other,
                     match_level_name(answer.steps[0].level));
        bool merges = rows[i].level == MATCH_EVENT_TITLE_PART;
        assert_int_equal(answer.decision == MATCH_MERGE, merges);
    }
}

static void test_other_editions_and_towns(void **state)
{
    (void)state;
    struct match_event other = shop;
    other.starts_at = SLICE("2031-06-10T16:30:00Z");
    assert_int_equal(compare(&luma, &other).decision, MATCH_DISTINCT);
    assert_false(meet(&luma, &other));
    other = shop;
    other.place = SLICE("Lisbon, Portugal");
    other.venue = SLICE("Sala do Tear");
    assert_int_not_equal(compare(&luma, &other).decision, MATCH_MERGE);
}

static void test_long_and_strange_input(void **state)
{
    (void)state;
    static char text[20000];
    for (size_t i = 0; i + 1 < sizeof text; i++)
        text[i] = i % 7 == 6 ? ' ' : (char)('a' + i % 23);
    struct match_event event = luma;
    event.name = event.venue = event.place = event.url = slice_from_cstr(text);
    for (event.link_count = 0; event.link_count < MATCH_MAX_LINKS; event.link_count++)
        event.links[event.link_count] = SLICE("https://luma.com/x");
    event.starts_at = SLICE("0001-01-01");
    struct match_key keys[MATCH_MAX_EVENT_KEYS];
    size_t count = match_event_keys(match_event_prepare(arena, &event), keys);
    assert_in_range(count, 1, MATCH_MAX_EVENT_KEYS);
    for (size_t i = 1; i < count; i++)
        assert_true(keys[i - 1].hash < keys[i].hash);
    struct match_event none = {0};
    assert_int_equal(match_event_keys(match_event_prepare(arena, &none), keys), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_sources_are_one),
        cmocka_unit_test(test_days_meet_those_beside_them_and_no_others),
        cmocka_unit_test(test_other_hours_are_other_sessions),
        cmocka_unit_test(test_two_pages_of_a_site_need_a_person),
        cmocka_unit_test(test_links_from_page_to_page),
        cmocka_unit_test(test_titles_that_name_something_else),
        cmocka_unit_test(test_other_editions_and_towns),
        cmocka_unit_test(test_long_and_strange_input),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
