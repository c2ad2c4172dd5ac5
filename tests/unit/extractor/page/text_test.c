#include "extractor/page/text.h"

#include "extractor/extract.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct record extract(const char *bytes)
{
    struct record record;
    assert_int_equal(extract_page(slice_from_cstr(bytes), (struct slice){0}, arena, &record, NULL),
                     ERR_OK);
    return record;
}

static const char *text(const struct record *record, enum field field)
{
    return arena_cstr(arena, record_text(record, field));
}

static void test_is_plain(void **state)
{
    (void)state;
    static const char *const plain[] = {"# A", "Hello", "a <br> b", "a < b", "x <a href=y>z</a>"};
    static const char *const other[] = {"",
                                        "  ",
                                        "<p>a",
                                        "text <div>a",
                                        "{\"a\":1}",
                                        "[1]",
                                        "<!doctype html>",
                                        "x <!-- y -->",
                                        "a<script>"};
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        assert_true(text_is_plain(slice_from_cstr(plain[i])));
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        assert_false(text_is_plain(slice_from_cstr(other[i])));
    assert_false(text_is_plain(SLICE("a\0b")));
}

static void test_head(void **state)
{
    (void)state;
    struct record r = extract(
        "\xef\xbb\xbf---\r\nTitle: \"An evening of \\\"maps\\\"\"\nstart_date: "
        "2026-05-01\nstartTime: 6:30 "
        "PM\nend-time: '21:00'\ntimezone: Europe/Lisbon\nvenue: Map Room\nvenueAddress: 5 Elm "
        "Street\ncity: Lisbon\nrsvpButtonUrl: https://luma.com/maps?utm=1\ncover_url: "
        "https://img.example/a.png\nhosts: [{\"name\": \"Ada Byron\", \"linkedin_handle\": "
        "\"/in/ada\"}]\nodd line\n---\n\nJoin us for **maps**.\n\n- one\n- two\n---\nend\n");
    assert_int_equal(r.kind, PAGE_EVENT);
    assert_string_equal(text(&r, FIELD_NAME), "An evening of \"maps\"");
    assert_int_equal(r.fields[FIELD_NAME].method, METHOD_RULE);
    assert_int_equal(r.fields[FIELD_STARTS_AT].integer, 1777656600000); // 17:30 in UTC
    assert_int_equal(r.fields[FIELD_ENDS_AT].integer, 1777656600000 + 150 * 60 * 1000);
    assert_string_equal(text(&r, FIELD_DATE), "2026-05-01");
    assert_string_equal(text(&r, FIELD_VENUE), "Map Room");
    assert_string_equal(text(&r, FIELD_ADDRESS), "5 Elm Street");
    assert_string_equal(text(&r, FIELD_CITY), "Lisbon");
    assert_string_equal(text(&r, FIELD_URL), "https://luma.com/maps");
    assert_string_equal(text(&r, FIELD_IMAGE_URL), "https://img.example/a.png");
    assert_string_equal(text(&r, FIELD_DESCRIPTION),
                        "Join us for **maps**.\n\n- one\n- two\n\n---\n\nend");
    assert_int_equal(r.people_count, 1);
    assert_string_equal(r.people[0].role, "host");
    assert_int_equal(r.people[0].method, METHOD_RULE);
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        int64_t starts_at; // 0: none
        const char *date;
    } cases[] = {
        {"start_at: 2026-05-01T17:30:00.000Z\ntimezone: Europe/Lisbon", 1777656600000,
         "2026-05-01"},
        {"date: 2026-05-01\ntime: 18:30", 0, "2026-05-01"}, // nobody knows in which zone
        {"date: 2026-05-01\ntime: 6:30pm\ntimezone: Europe/Lisbon", 1777656600000, "2026-05-01"},
        {"date: 2026-05-01\ntime: 12 am\ntimezone: Europe/Lisbon", 1777590000000, "2026-05-01"},
        {"date: 2026-05-01\ntime: soon\ntimezone: Europe/Lisbon", 0, "2026-05-01"},
        {"date: 2026-05-01\ntime: 25:00\ntimezone: Europe/Lisbon", 0, "2026-05-01"},
        {"date: 2026-05-01\ntime: 13:00 pm\ntimezone: Europe/Lisbon", 0, "2026-05-01"},
        {"date: next Friday", 0, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r =
            extract(arena_printf(arena, "---\nname: Maps\n%s\n---\ntext", cases[i].head));
        assert_int_equal(r.fields[FIELD_STARTS_AT].integer, cases[i].starts_at);
        assert_string_equal(text(&r, FIELD_DATE), cases[i].date);
    }
}

static void test_places(void **state)
{
    (void)state;
    struct record r =
        extract("---\nname: Maps\nlocation: Online\nvenue: TBD\ncity: us--lisbon\n---\n");
    assert_true(r.fields[FIELD_IS_ONLINE].flag);
    assert_false(record_has(&r, FIELD_VENUE));
    assert_false(record_has(&r, FIELD_CITY));
    r = extract("---\nname: \u200bMaps at night\u200b\u200bWhat are maps?\n---\n");
    assert_string_equal(text(&r, FIELD_NAME), "Maps at night");
    r = extract("---\nname: Maps\nlocation: The old harbour\ndescription: Bring *maps*.\n---\n");
    assert_string_equal(text(&r, FIELD_LOCATION), "The old harbour");
    assert_true(r.fields[FIELD_LOCATION].confidence <= 0.5);
    assert_string_equal(text(&r, FIELD_DESCRIPTION), "Bring maps.");
}

static void test_without_head(void **state)
{
    (void)state;
    struct record r = extract("# An evening of maps\n\nJoin us.\n");
    assert_int_equal(r.kind, PAGE_EVENT);
    assert_string_equal(text(&r, FIELD_NAME), "An evening of maps");
    assert_string_equal(text(&r, FIELD_DESCRIPTION), "Join us.");
    static const char *const none[] = {"Join us for maps.", "---\nname: Never ended\n",
                                       "---\ndate: 2026-05-01\n---\nnameless", "\n\n"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_int_equal(extract(none[i]).kind, PAGE_NOT_EVENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_plain),     cmocka_unit_test(test_head),
        cmocka_unit_test(test_times),        cmocka_unit_test(test_places),
        cmocka_unit_test(test_without_head),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
