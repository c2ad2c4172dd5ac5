#include "extractor/page/place.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void check(bool (*holds)(struct arena *, struct slice), const char *const *texts,
                  size_t count, bool expected)
{
    for (size_t i = 0; i < count; i++)
        if (holds(arena, slice_from_cstr(texts[i])) != expected)
            fail_msg("%s", texts[i]);
}

static void test_streets(void **state)
{
    (void)state;
    static const char *const yes[] = {
        "12 Elm Street", "47A Elm St",    "12-14 Elm Rd", "Elm Road", "Torstraße 5",
        "Elm Ave.",      "rue de Elm 12", "QGH2+5J",      "QHF5+5J4", "600 Elm St suite 125"};
    static const char *const no[] = {
        "Moscow House", "7Up Hub", "The Alley", "The Elm Street", "One Elm Center",
        "Elm Park",     "SoElm",   "",          "Street",         "Engine Hall, Room 2",
        "C++ Club",     "Café Elm"};
    check(place_is_street, yes, ARRAY_LEN(yes), true);
    check(place_is_street, no, ARRAY_LEN(no), false);
}

static void test_hidden_and_online(void **state)
{
    (void)state;
    static const char *const hidden[] = {"TBA", "tbd.", "Register to See Address", "Location: TBD",
                                         "To be announced"};
    static const char *const online[] = {"Zoom",
                                         "ONLINE",
                                         "https://meet.example.com/abc",
                                         "www.example.com",
                                         "Google Meet",
                                         "Virtual",
                                         "Online via Zoom (link after registration)",
                                         "Zoom - link will be shared",
                                         "Virtual event",
                                         "meet.google.com/abc-defg-hij",
                                         "us02web.zoom.us/j/1",
                                         "オンライン",
                                         "Online/Zoom",
                                         "Microsoft Teams"};
    static const char *const neither[] = {
        "",        "Engine Hall",      "Zoom Café",  "12 Elm Street", "Engine Hall (also on Zoom)",
        "Room 12", "The Meeting Room", "Live Stage", "Teams Arena",   "Remote Valley"};
    check(place_is_hidden, hidden, ARRAY_LEN(hidden), true);
    check(place_is_hidden, neither, ARRAY_LEN(neither), false);
    check(place_is_online, online, ARRAY_LEN(online), true);
    check(place_is_online, neither, ARRAY_LEN(neither), false);
}

static void test_city_and_region(void **state)
{
    (void)state;
    static const struct {
        const char *text, *city, *region;
    } cases[] = {{"Springfield, Oregon", "Springfield", "Oregon"},
                 {"Springfield", "Springfield", ""},
                 {"Washington, D.C., USA", "Washington, D.C.", "USA"},
                 {"", "", ""},
                 {",", "", ""}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice city, region;
        place_split_city(slice_from_cstr(cases[i].text), &city, &region);
        assert_string_equal(arena_cstr(arena, city), cases[i].city);
        assert_string_equal(arena_cstr(arena, region), cases[i].region);
    }
}

// Addresses that people typed.
static void test_the_city_behind_a_street(void **state)
{
    (void)state;
    static const struct {
        const char *text, *city;
    } cases[] = {
        {"Engine Hall, 12 Elm St, Springfield", "Springfield"},
        {"Engine Hall @ Floor 3 12 Elm Street, San Francisco", "San Francisco"},
        {"12 Elm St, Suite 5, Springfield, OR 97477, USA", "Springfield"},
        {"12 Elm St, Springfield, Oregon, United States", "Springfield"},
        {"Torstraße 5, 10119 Berlin", "Berlin"},
        {"Torstraße 5, 10119 Berlin, Germany", "Berlin"},
        {"1 Elm Rd, Camden, London NW1 8AB", "London"},
        {"1 Elm Pl, Singapore 048616", "Singapore"},
        {"rue de Elm 12, Saint-Étienne", "Saint-Étienne"},
        {"12 Elm St, Room 4, Main Building", ""},
        {"12 Elm St, ring the bell", ""},
        {"12 Elm St, OR 97477", ""},
        {"12 Elm St", ""},
        {"Springfield", ""},
        {"Engine Hall, Springfield", ""},
        {"", ""},
        {",,,,,,,,,,", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice city = place_city_behind(arena, slice_from_cstr(cases[i].text));
        assert_string_equal(arena_cstr(arena, city), cases[i].city);
    }
}

static void test_whose_rooms(void **state)
{
    (void)state;
    static const struct {
        const char *text, *company;
    } cases[] = {
        {"Brightwater HQ", "Brightwater"},
        {"Oldmill Labs Headquarters", "Oldmill Labs"},
        {"晨光資料 辦公室", "晨光資料"},
        {"Main HQ", "Main HQ"},
        {"HQ", "HQ"},
        {"Engine Hall", "Engine Hall"},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice company = place_company(arena, slice_from_cstr(cases[i].text));
        assert_string_equal(arena_cstr(arena, company), cases[i].company);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streets),         cmocka_unit_test(test_hidden_and_online),
        cmocka_unit_test(test_city_and_region), cmocka_unit_test(test_the_city_behind_a_street),
        cmocka_unit_test(test_whose_rooms),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
