#include "extractor/record.h"
#include "support/arena_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_the_first_value_stays(void **state)
{
    (void)state;
    struct record r;
    record_init(&r, arena);
    record_set_text(&r, FIELD_NAME, METHOD_JSON_LD, (struct slice){0});
    record_set_text(&r, FIELD_NAME, METHOD_JSON_LD, SLICE(""));
    assert_false(record_has(&r, FIELD_NAME));
    record_set_text(&r, FIELD_NAME, METHOD_JSON_LD, SLICE("first"));
    record_set_text(&r, FIELD_NAME, METHOD_NEXT_DATA, SLICE("second"));
    assert_true(slice_equal(record_text(&r, FIELD_NAME), SLICE("first")));
    record_set_integer(&r, FIELD_GUEST_COUNT, METHOD_RULE, -1);
    assert_false(record_has(&r, FIELD_GUEST_COUNT));
    record_set_place(&r, METHOD_RULE, NAN, 1);
    record_set_place(&r, METHOD_RULE, 91, 1);
    record_set_place(&r, METHOD_RULE, 0, 0);
    assert_false(record_has(&r, FIELD_LATITUDE) || record_has(&r, FIELD_LONGITUDE));
    record_set_place(&r, METHOD_RULE, -90, 180);
    assert_true(record_has(&r, FIELD_LATITUDE) && record_has(&r, FIELD_LONGITUDE));
    record_doubt(&r, FIELD_NAME, 0.3);
    record_doubt(&r, FIELD_NAME, 0.5);
    assert_true(r.fields[FIELD_NAME].confidence == 0.3);
}

static void test_lists_know_what_they_have(void **state)
{
    (void)state;
    struct record r;
    record_init(&r, arena);
    record_add_person(&r, (struct person){.name = SLICE("Ada Lovelace"), .role = "host"});
    record_add_person(&r, (struct person){.name = SLICE("ADA  LOVELACE 🎤"),
                                          .role = "host",
                                          .company = SLICE("Engines")});
    record_add_person(&r, (struct person){.name = SLICE("Ada Lovelace"), .role = "speaker"});
    record_add_person(&r, (struct person){.name = SLICE("  "), .role = "speaker"});
    assert_int_equal(r.people_count, 2);
    assert_true(slice_equal(r.people[0].company, SLICE("Engines")));
    record_add_company(
        &r, (struct company){.name = SLICE("Acme SF"), .relationship = "host", .confidence = 0.5});
    record_add_company(&r, (struct company){.name = SLICE("Acme"),
                                            .relationship = "host",
                                            .confidence = 0.9,
                                            .domain = SLICE("acme.example")});
    record_add_company(&r, (struct company){.name = SLICE("Acme"), .relationship = "venue"});
    assert_int_equal(r.companies_count, 2);
    assert_true(slice_equal(r.companies[0].name, SLICE("Acme")));
    assert_true(slice_equal(r.companies[0].domain, SLICE("acme.example")));
    assert_true(r.companies[0].confidence == 0.9);
    record_add_topic(&r, (struct topic){.name = SLICE("AI")});
    record_add_topic(&r, (struct topic){.name = SLICE("ai")});
    assert_int_equal(r.topics_count, 1);
    record_add_listed(&r, SLICE("https://luma.com/a"));
    record_add_listed(&r, SLICE("https://luma.com/a"));
    record_add_listed(&r, (struct slice){0});
    assert_int_equal(r.listed_count, 1);
    for (int i = 0; i < 100; i++)
        record_warn(&r, "warning %d", i % 50);
    assert_int_equal(r.warnings_count, RECORD_MAX_WARNINGS);
}

static void test_merge_takes_groups(void **state)
{
    (void)state;
    struct record a, b;
    record_init(&a, arena);
    record_init(&b, arena);
    record_set_text(&a, FIELD_CITY, METHOD_NEXT_DATA, SLICE("Taipei"));
    record_set_text(&b, FIELD_VENUE, METHOD_JSON_LD, SLICE("Hall"));
    record_set_text(&b, FIELD_CITY, METHOD_JSON_LD, SLICE("Tainan"));
    record_set_text(&b, FIELD_NAME, METHOD_JSON_LD, SLICE("Name"));
    record_set_integer(&b, FIELD_PRICE_CENTS, METHOD_JSON_LD, 5);
    record_add_company(&b, (struct company){.name = SLICE("Acme"), .relationship = "host"});
    b.kind = PAGE_CALENDAR;
    record_warn(&b, "from b");
    record_merge(&a, &b);
    assert_int_equal(a.kind, PAGE_CALENDAR);
    assert_true(slice_equal(record_text(&a, FIELD_CITY), SLICE("Taipei")));
    assert_false(record_has(&a, FIELD_VENUE));
    assert_true(slice_equal(record_text(&a, FIELD_NAME), SLICE("Name")));
    assert_true(record_has(&a, FIELD_PRICE_CENTS));
    assert_int_equal(a.companies_count, 1);
    assert_int_equal(a.warnings_count, 1);
    // People of a less trusted source are not added to companies of a better one.
    struct record c;
    record_init(&c, arena);
    record_add_person(&c, (struct person){.name = SLICE("Acme"), .role = "host"});
    record_merge(&a, &c);
    assert_int_equal(a.people_count, 0);
}

static void test_rendering(void **state)
{
    (void)state;
    struct record r;
    struct buffer out;
    buffer_init(&out, 65536);
    record_init(&r, arena);
    record_render(&r, &out);
    assert_string_equal(buffer_slice(&out).ptr,
                        "{\"kind\":\"not_event\",\"event\":null,\"speakers\":[],\"companies\":[],"
                        "\"topics\":[],\"listed_events\":[],"
                        "\"warnings\":[],\"methods\":[]}");
    buffer_clear(&out);
    r.kind = PAGE_EVENT;
    record_set_text(&r, FIELD_NAME, METHOD_JSON_LD, SLICE("A \"quoted\" \n name"));
    record_set_text(&r, FIELD_PRICE_CURRENCY, METHOD_OPENGRAPH, SLICE("USD"));
    record_render(&r, &out);
    const char *json = buffer_slice(&out).ptr;
    assert_non_null(strstr(json, "\"name\":\"A \\\"quoted\\\" \\n name\""));
    assert_non_null(strstr(json, "\"price\":{\"cents\":null,\"currency\":\"USD\"}"));
    assert_non_null(strstr(json, "\"calendar\":null"));
    assert_non_null(strstr(
        json, "\"fields\":{\"name\":{\"method\":\"json_ld\",\"confidence\":0.9},\"price.currency\":"
              "{\"method\":\"opengraph\",\"confidence\":0.6}}"));
    assert_non_null(strstr(json, "\"methods\":[\"json_ld\",\"opengraph\"]"));
    buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_value_stays),
        cmocka_unit_test(test_lists_know_what_they_have),
        cmocka_unit_test(test_merge_takes_groups),
        cmocka_unit_test(test_rendering),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
