#include "lib/text/dates.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t instant(const char *text)
{
    struct date_time date;
    int64_t unix_ms = 0;
    assert_true(date_parse(slice_from_cstr(text), &date));
    assert_true(date_to_instant(&date, &unix_ms));
    return unix_ms;
}

static void test_instants(void **state)
{
    (void)state;
    static const struct {
        const char *text, *utc;
    } cases[] = {
        {"2025-03-31T06:00:00.000Z", "2025-03-31T06:00:00Z"},
        {"2025-03-31T14:00:00.000+08:00", "2025-03-31T06:00:00Z"},
        {"2025-03-31T14:00:00+0800", "2025-03-31T06:00:00Z"},
        {"2025-03-31T14:00+08", "2025-03-31T06:00:00Z"},
        {"2025-03-31 14:00:00+08:00", "2025-03-31T06:00:00Z"},
        {"2025-03-31t06:00:00z", "2025-03-31T06:00:00Z"},
        {"20250331T060000Z", "2025-03-31T06:00:00Z"},
        {" 2024-12-31T20:00:00-05:00\n", "2025-01-01T01:00:00Z"},
        {"2025-01-01T00:30:00+05:45", "2024-12-31T18:45:00Z"},
        {"2024-02-29T24:00:00Z", "2024-03-01T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"},
        {"2025-03-31T06:00:00.1239Z", "2025-03-31T06:00:00.123Z"},
        {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[INSTANT_TEXT];
        instant_format(instant(cases[i].text), text);
        assert_string_equal(text, cases[i].utc);
    }
    char text[INSTANT_TEXT];
    instant_format(INT64_MAX, text);
    assert_string_equal(text, "");
    instant_format(INT64_MIN, text);
    assert_string_equal(text, "");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2025",
        "2025-03",
        "2025-3-1",
        "2025-13-01",
        "2025-00-10",
        "2025-02-29",
        "1900-02-29",
        "2025-04-31",
        "2025-03-31T",
        "2025-03-31T25:00Z",
        "2025-03-31T24:01Z",
        "2025-03-31T12:60Z",
        "2025-03-31T12:00:61Z",
        "2025-03-31T12:00+24:00",
        "2025-03-31T12:00+08:60",
        "2025-03-31T12:00+8",
        "2025-03-31T12:00Zulu",
        "2025-03-31X12:00Z",
        "2025-0331",
        "202503-31",
        "0000-01-01",
        "31.3.2025",
        "March 31",
        "2025-03-31T12",
        "2025-03-31T12:00:00.Z",
        "9999-12-31T24:00Z",
        "TBA",
        "null",
        "2025-03-31T1200:00Z",
    };
    struct date_time date;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_false(date_parse(slice_from_cstr(texts[i]), &date));
    assert_false(date_parse((struct slice){0}, &date));
    assert_false(date_parse((struct slice){"2025-03-31\0", 11}, &date));
}

static void test_what_is_missing_is_said(void **state)
{
    (void)state;
    struct date_time date;
    int64_t unix_ms;
    assert_true(date_parse(SLICE("2025-03-31"), &date));
    assert_false(date.has_time);
    assert_false(date_to_instant(&date, &unix_ms));
    assert_true(date_parse(SLICE("2025-03-31T14:00"), &date));
    assert_true(date.has_time);
    assert_false(date.has_offset);
    assert_false(date_to_instant(&date, &unix_ms));
    char text[DATE_TEXT];
    date_format(&date, text);
    assert_string_equal(text, "2025-03-31");
}

static void test_civil_days(void **state)
{
    (void)state;
    assert_int_equal(date_to_days(1970, 1, 1), 0);
    assert_int_equal(date_to_days(2000, 3, 1), 11017);
    int64_t expected = date_to_days(1, 1, 1);
    int year = 1, month = 1, day = 1;
    for (; year <= 2400; expected++) {
        int y, m, d;
        date_from_days(expected, &y, &m, &d);
        assert_true(y == year && m == month && d == day);
        assert_int_equal(date_to_days(y, m, d), expected);
        if (!date_is_valid(year, month, ++day))
            day = 1, month++;
        if (month > 12)
            month = 1, year++;
    }
}

static void test_durations(void **state)
{
    (void)state;
    static const struct {
        const char *start, *duration, *end;
    } cases[] = {
        {"2025-03-31T06:00:00Z", "P0Y0M0DT33H0M0S", "2025-04-01T15:00:00Z"},
        {"2025-01-31T10:00:00Z", "P1M", "2025-02-28T10:00:00Z"},
        {"2024-02-29T10:00:00Z", "P1Y", "2025-02-28T10:00:00Z"},
        {"2025-11-30T10:00:00Z", "P1Y2M3DT4H5M6S", "2027-02-02T14:05:06Z"},
        {"2025-03-31T06:00:00Z", "P2W", "2025-04-14T06:00:00Z"},
        {"2025-03-31T06:00:00Z", "PT90M", "2025-03-31T07:30:00Z"},
        {"2025-03-31T06:00:00Z", "PT1.5H", "2025-03-31T07:30:00Z"},
        {"2025-03-31T06:00:00Z", "PT0.25S", "2025-03-31T06:00:00.250Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct date_duration duration;
        int64_t end;
        char text[INSTANT_TEXT];
        assert_true(duration_parse(slice_from_cstr(cases[i].duration), &duration));
        assert_true(instant_add(instant(cases[i].start), duration, &end));
        instant_format(end, text);
        assert_string_equal(text, cases[i].end);
    }
    static const char *const refused[] = {"",
                                          "P",
                                          "PT",
                                          "1H",
                                          "P1H",
                                          "PT1D",
                                          "PT1",
                                          "P1M1Y",
                                          "P-1D",
                                          "P1DT",
                                          "P1.5D",
                                          "PTT1H",
                                          "P99999999999D",
                                          "PT1H "
                                          "x"};
    struct date_duration duration;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(duration_parse(slice_from_cstr(refused[i]), &duration));
    int64_t end;
    assert_true(duration_parse(SLICE("P999999999Y"), &duration));
    assert_false(instant_add(0, duration, &end));
    assert_true(duration_parse(SLICE("P999999999W"), &duration));
    assert_false(instant_add(0, duration, &end));
    assert_false(instant_add(INT64_MAX, duration, &end));
}

static void test_zone_names(void **state)
{
    (void)state;
    static const char *const yes[] = {"Asia/Taipei",
                                      "America/Los_Angeles",
                                      "Asia/Calcutta",
                                      "Asia/Kolkata",
                                      "UTC",
                                      "Etc/UTC",
                                      "America/Argentina/Buenos_Aires",
                                      "Etc/GMT+3",
                                      "GMT"};
    static const char *const no[] = {"",
                                     "Asia",
                                     "Asia/Nowhere",
                                     "PST",
                                     "GMT+3",
                                     "+08:00",
                                     "asia/taipei",
                                     "Etc/Unknown",
                                     "../etc/passwd",
                                     "Asia/Tai pei",
                                     "Europe/Berlin\xff",
                                     "/",
                                     "A/"};
    for (int round = 0; round < 3; round++) { // more names than the cache has places for
        for (size_t i = 0; i < ARRAY_LEN(yes); i++)
            assert_true(zone_is_valid(slice_from_cstr(yes[i])));
        for (size_t i = 0; i < ARRAY_LEN(no); i++)
            assert_false(zone_is_valid(slice_from_cstr(no[i])));
    }
    assert_false(zone_is_valid((struct slice){0}));
    assert_false(zone_is_valid((struct slice){"UTC\0", 4}));
}

static void check_local(const char *zone, const char *utc, const char *local, int offset_minutes)
{
    struct date_time got, expected;
    assert_true(zone_local(slice_from_cstr(zone), instant(utc), &got));
    assert_true(date_parse(slice_from_cstr(local), &expected));
    assert_int_equal(date_to_days(got.year, got.month, got.day),
                     date_to_days(expected.year, expected.month, expected.day));
    assert_int_equal(got.hour * 60 + got.minute, expected.hour * 60 + expected.minute);
    assert_int_equal(got.offset_minutes, offset_minutes);
}

static void test_local_times(void **state)
{
    (void)state;
    check_local("Asia/Taipei", "2025-03-31T16:30:00Z", "2025-04-01T00:30", 480);
    check_local("America/Los_Angeles", "2026-01-01T02:00:00Z", "2025-12-31T18:00", -480);
    check_local("America/Los_Angeles", "2026-07-01T02:00:00Z", "2026-06-30T19:00", -420);
    check_local("Asia/Kathmandu", "2025-01-01T00:00:00Z", "2025-01-01T05:45", 345);
    // The hour that is left out and the hour that comes twice, Berlin 2025.
    check_local("Europe/Berlin", "2025-03-30T00:59:00Z", "2025-03-30T01:59", 60);
    check_local("Europe/Berlin", "2025-03-30T01:00:00Z", "2025-03-30T03:00", 120);
    check_local("Europe/Berlin", "2025-10-26T00:30:00Z", "2025-10-26T02:30", 120);
    check_local("Europe/Berlin", "2025-10-26T01:30:00Z", "2025-10-26T02:30", 60);
    struct date_time local;
    assert_false(zone_local(SLICE("Asia/Nowhere"), 0, &local));
    assert_false(zone_local(SLICE("Asia/Taipei"), INT64_MAX, &local));
    assert_false(zone_local(SLICE("Asia/Taipei"), INT64_MIN, &local));
}

static void check_instant(const char *zone, const char *local, const char *utc)
{
    struct date_time date;
    int64_t unix_ms;
    char text[INSTANT_TEXT];
    assert_true(date_parse(slice_from_cstr(local), &date));
    assert_true(zone_instant(slice_from_cstr(zone), &date, &unix_ms));
    instant_format(unix_ms, text);
    assert_string_equal(text, utc);
}

static void test_instants_of_local_times(void **state)
{
    (void)state;
    check_instant("Asia/Taipei", "2025-04-01T00:30", "2025-03-31T16:30:00Z");
    check_instant("America/Los_Angeles", "2025-12-31", "2025-12-31T08:00:00Z");
    check_instant("Europe/Berlin", "2025-03-30T02:30", "2025-03-30T01:30:00Z"); // left out
    check_instant("Europe/Berlin", "2025-10-26T02:30", "2025-10-26T00:30:00Z"); // twice
}

static void test_countries(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *country;
    } cases[] = {{"Asia/Taipei", "TW"},  {"America/Los_Angeles", "US"}, {"US/Pacific", "US"},
                 {"Asia/Kolkata", "IN"}, {"Europe/Berlin", "DE"},       {"UTC", ""},
                 {"Etc/GMT+3", ""},      {"Nowhere/City", ""}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(zone_country(slice_from_cstr(cases[i].zone)), cases[i].country);
}

static void *use_zones(void *result)
{
    bool good = true;
    for (int i = 0; i < 2000; i++) {
        struct date_time local;
        good &= zone_local(i % 2 ? SLICE("Asia/Tokyo") : SLICE("Europe/Paris"),
                           i * INT64_C(86400000), &local);
        good &= local.hour == (i % 2 ? 9 : 1) || (i % 2 == 0 && local.hour == 2);
    }
    *(bool *)result = good;
    return NULL;
}

static void test_threads_have_their_own_calendars(void **state)
{
    (void)state;
    pthread_t threads[4];
    bool good[4] = {0};
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_zones, &good[i]), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_true(good[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instants),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_what_is_missing_is_said),
        cmocka_unit_test(test_civil_days),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_zone_names),
        cmocka_unit_test(test_local_times),
        cmocka_unit_test(test_instants_of_local_times),
        cmocka_unit_test(test_countries),
        cmocka_unit_test(test_threads_have_their_own_calendars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
