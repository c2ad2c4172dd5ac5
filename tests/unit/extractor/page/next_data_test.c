// Events as Luma's pages hold them, read from __NEXT_DATA__ alone.
#include "extractor/page/reader.h"

#include "extractor/extract.h"
#include "extractor/luma_page.h"
#include "lib/text/dates.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct record extract_kind(const char *kind, const char *data)
{
    struct record record;
    struct slice page = luma_page_build(arena, (struct luma_page){.kind = kind, .data = data});
    assert_int_equal(extract_page(page, (struct slice){0}, arena, &record, NULL), ERR_OK);
    return record;
}

// With the given members in data.event and data.
static struct record extract(const char *event, const char *data)
{
    return extract_kind(
        "event",
        arena_printf(
            arena,
            "{\"api_id\":\"evt-abc123\",\"event\":{\"api_id\":\"evt-abc123\",\"name\":\"Looms\","
            "\"start_at\":\"2026-03-31T16:30:00.000Z\",\"timezone\":\"Asia/Taipei\","
            "\"url\":\"looms\"%s%s}%s%s}",
            *event ? "," : "", event, *data ? "," : "", data));
}

static const char *text(const struct record *record, enum field field)
{
    return arena_cstr(arena, record_text(record, field));
}

static const char *time_text(const struct record *record, enum field field)
{
    char *out = arena_alloc(arena, INSTANT_TEXT);
    if (record_has(record, field))
        instant_format(record->fields[field].integer, out);
    return out;
}

static void test_the_plain_fields(void **state)
{
    (void)state;
    struct record r =
        extract("\"end_at\":\"2026-03-31T18:00:00.000Z\",\"cover_url\":\"https://"
                "images.example.com/a.png\"",
                "\"guest_count\":42,\"sold_out\":true,\"description_mirror\":{\"type\":\"doc\","
                "\"content\":[{\"type\":\"paragraph\","
                "\"content\":[{\"type\":\"text\",\"text\":\"About "
                "looms.\"}]}]},\"calendar\":{\"api_id\":\"cal-x1\",\"name\":\"Loom Club\","
                "\"slug\":\"loomclub\",\"is_personal\":false},\"categories\":[{\"api_id\":\"cat-"
                "ai\",\"name\":\"AI\"},{\"api_id\":\"cat-x\","
                "\"name\":\"Looms \\ud83e\\uddf5\"},{\"name\":7},null]");
    assert_int_equal(r.kind, PAGE_EVENT);
    assert_string_equal(text(&r, FIELD_NAME), "Looms");
    assert_string_equal(text(&r, FIELD_DESCRIPTION), "About looms.");
    assert_string_equal(time_text(&r, FIELD_STARTS_AT), "2026-03-31T16:30:00Z");
    assert_string_equal(time_text(&r, FIELD_ENDS_AT), "2026-03-31T18:00:00Z");
    assert_string_equal(text(&r, FIELD_DATE), "2026-04-01"); // the day in Taipei
    assert_int_equal(r.fields[FIELD_DATE].method, METHOD_NEXT_DATA);
    assert_string_equal(text(&r, FIELD_TIMEZONE), "Asia/Taipei");
    assert_string_equal(text(&r, FIELD_LUMA_ID), "evt-abc123");
    assert_string_equal(text(&r, FIELD_URL), "https://luma.com/looms");
    assert_string_equal(text(&r, FIELD_IMAGE_URL), "https://images.example.com/a.png");
    assert_string_equal(text(&r, FIELD_CALENDAR_NAME), "Loom Club");
    assert_string_equal(text(&r, FIELD_CALENDAR_ID), "cal-x1");
    assert_string_equal(text(&r, FIELD_CALENDAR_URL), "https://luma.com/loomclub");
    assert_string_equal(text(&r, FIELD_STATUS), "scheduled");
    assert_int_equal(r.fields[FIELD_GUEST_COUNT].integer, 42);
    assert_true(r.fields[FIELD_SOLD_OUT].flag);
    // A broad category that nothing in the text speaks of is not kept.
    assert_int_equal(r.topics_count, 1);
    assert_string_equal(arena_cstr(arena, r.topics[0].name), "Looms");
    assert_string_equal(r.topics[0].category, "industry");
    assert_int_equal(r.companies_count, 1);
    assert_int_equal(r.warnings_count, 0);
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *event, *starts_at, *ends_at, *date, *zone;
        size_t warnings;
    } cases[] = {
        {"\"duration_interval\":\"P0Y0M0DT33H0M0S\"", "2026-03-31T16:30:00Z",
         "2026-04-02T01:30:00Z", "2026-04-01", "Asia/Taipei", 0},
        {"\"end_at\":\"2026-03-30T00:00:00Z\"", "2026-03-31T16:30:00Z", "", "2026-04-01",
         "Asia/Taipei", 1}, // before the start
        {"\"end_at\":\"soon\"", "2026-03-31T16:30:00Z", "", "2026-04-01", "Asia/Taipei", 1},
        {"\"end_at\":7", "2026-03-31T16:30:00Z", "", "2026-04-01", "Asia/Taipei", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(cases[i].event, "");
        assert_string_equal(time_text(&r, FIELD_STARTS_AT), cases[i].starts_at);
        assert_string_equal(time_text(&r, FIELD_ENDS_AT), cases[i].ends_at);
        assert_string_equal(text(&r, FIELD_DATE), cases[i].date);
        assert_string_equal(text(&r, FIELD_TIMEZONE), cases[i].zone);
        assert_int_equal(r.warnings_count, cases[i].warnings);
    }
    // A zone that is none: the instant stays, the day is only that of UTC and says so.
    struct record r = extract_kind(
        NULL,
        "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"N\",\"start_at\":\"2026-03-31T16:30:00Z\","
        "\"timezone\":\"Mars/Base\",\"url\":\"n\"}}");
    assert_false(record_has(&r, FIELD_TIMEZONE));
    assert_string_equal(text(&r, FIELD_DATE), "2026-03-31");
    assert_true(r.fields[FIELD_DATE].confidence <= 0.5);
    // A local time gets its instant from the zone.
    r = extract_kind(
        NULL,
        "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"N\",\"start_at\":\"2026-04-01T00:30:00\","
        "\"timezone\":\"Asia/Taipei\",\"url\":\"n\"}}");
    assert_string_equal(time_text(&r, FIELD_STARTS_AT), "2026-03-31T16:30:00Z");
}

#define GEO(json) "\"geo_address_info\":" json

static void test_the_shapes_of_an_address(void **state)
{
    (void)state;
    static const struct {
        const char *event, *data, *location, *venue, *address, *city, *region, *country;
        int online; // -1: unknown
    } cases[] = {
        // A named place, and a street.
        {"\"location_type\":\"offline\"," GEO(
             "{\"mode\":\"shown\",\"type\":\"google\",\"address\":\"Engine Hall\",\"full_address\":"
             "\"Engine Hall, 12 Elm St, Springfield, OR 97477, USA\",\"city\":\"Springfield\","
             "\"region\":\"Oregon\",\"country\":\"United States\",\"country_code\":\"US\","
             "\"localized\":{\"es\":{\"city\":\"Campo\"}}}"),
         "", "Engine Hall, Springfield", "Engine Hall",
         "Engine Hall, 12 Elm St, Springfield, OR 97477, USA", "Springfield", "Oregon", "US", 0},
        {GEO("{\"mode\":\"shown\",\"type\":\"google\",\"address\":\"12 Elm "
             "St\",\"full_address\":\"12 Elm St, Springfield, OR\","
             "\"city\":\"Springfield\",\"city_state\":\"Springfield, "
             "Oregon\",\"country\":\"Taiwan\"}"),
         "", "12 Elm St, Springfield", "", "12 Elm St, Springfield, OR", "Springfield", "Oregon",
         "TW", 0},
        // The city is in the venue's name.
        {GEO("{\"mode\":\"shown\",\"type\":\"google\",\"address\":\"Springfield Engine "
             "Hall\",\"full_address\":\"x 1\",\"city\":"
             "\"Springfield\"}"),
         "", "Springfield Engine Hall", "Springfield Engine Hall", "x 1", "Springfield", "", "TW",
         0},
        // Hidden.
        {"\"location_type\":\"offline\"," GEO("{\"mode\":\"obfuscated\",\"city\":\"Bengaluru\","
                                              "\"city_state\":\"Bengaluru, Karnataka\"}"),
         "", "Bengaluru, Karnataka", "", "", "Bengaluru", "Karnataka", "TW", 0},
        {GEO("{\"mode\":\"obfuscated\",\"city_state\":\"London, England\"}"), "", "London, England",
         "", "", "London", "England", "TW", 0},
        // Typed.
        {GEO("{\"mode\":\"shown\",\"type\":\"manual\",\"address\":\"Loom Library\"}"), "",
         "Loom Library", "Loom Library", "Loom Library", "", "", "", 0},
        {GEO("{\"mode\":\"shown\",\"type\":\"manual\",\"address\":\"Engine Hall, 12 Elm St, "
             "Springfield\"}"),
         "\"calendar\":{\"name\":\"C\",\"geo_city\":\"Springfield\",\"geo_region\":\"Oregon\","
         "\"geo_country\":\"United States\"}",
         "Engine Hall, Springfield", "Engine Hall", "Engine Hall, 12 Elm St, Springfield",
         "Springfield", "Oregon", "US", 0},
        {GEO("{\"mode\":\"shown\",\"type\":\"manual\",\"address\":\"Loom House @ floor 10, 995 Elm "
             "Street\"}"),
         "\"hosts\":[{\"name\":\"Loom House\",\"linkedin_handle\":\"/company/loom\"}]",
         "Loom House", "Loom House", "Loom House @ floor 10, 995 Elm Street", "", "", "", 0},
        {GEO("{\"mode\":\"shown\",\"type\":\"manual\",\"address\":\"12 Elm Street, Taichung\"}"),
         "", "12 Elm Street, Taichung", "", "12 Elm Street, Taichung", "Taichung", "", "TW", 0},
        {GEO("{\"mode\":\"shown\",\"type\":\"manual\",\"address\":\"Virtual (Zoom link will be "
             "sent)\"}"),
         "", "Online", "", "", "", "", "", 1},
        {GEO("{\"mode\":\"shown\",\"type\":\"manual\",\"address\":\"https://meet.example.com/x\"}"),
         "", "Online", "", "", "", "", "", 1},
        {GEO("{\"mode\":\"shown\",\"type\":\"manual\",\"address\":\"TBA\"}"), "", "", "", "", "",
         "", "", -1},
        // None.
        {GEO("null") ",\"location_type\":\"zoom\"", "", "Online", "", "", "", "", "", 1},
        {GEO("null") ",\"location_type\":\"offline\"", "", "", "", "", "", "", "", 0},
        {GEO("null") ",\"location_type\":\"unknown\"", "", "", "", "", "", "", "", -1},
        {GEO("[1,2]"), "", "", "", "", "", "", "", -1},
        {GEO("{\"mode\":7,\"address\":{},\"city\":[\"x\"]}"), "", "", "", "", "", "", "", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(cases[i].event, cases[i].data);
        assert_string_equal(text(&r, FIELD_LOCATION), cases[i].location);
        assert_string_equal(text(&r, FIELD_VENUE), cases[i].venue);
        assert_string_equal(text(&r, FIELD_ADDRESS), cases[i].address);
        assert_string_equal(text(&r, FIELD_CITY), cases[i].city);
        assert_string_equal(text(&r, FIELD_REGION), cases[i].region);
        assert_string_equal(text(&r, FIELD_COUNTRY), cases[i].country);
        assert_int_equal(record_has(&r, FIELD_IS_ONLINE) ? r.fields[FIELD_IS_ONLINE].flag : -1,
                         cases[i].online);
    }
}

static void test_coordinates(void **state)
{
    (void)state;
    static const struct {
        const char *event;
        double latitude, longitude; // 0, 0: none
    } cases[] = {
        {"\"coordinate\":{\"latitude\":25.03,\"longitude\":121.5}", 25.03, 121.5},
        {"\"geo_latitude\":\"25.03\",\"geo_longitude\":\"121.5\"", 25.03, 121.5},
        {"\"coordinate\":null", 0, 0},
        {"\"coordinate\":{\"latitude\":0,\"longitude\":0}", 0, 0},
        {"\"coordinate\":{\"latitude\":125.03,\"longitude\":121.5}", 0, 0},
        {"\"coordinate\":{\"latitude\":\"25\"}", 0, 0},
        {"\"geo_latitude\":\"25.03\"", 0, 0},
        {"\"geo_latitude\":\"nan\",\"geo_longitude\":\"inf\"", 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(cases[i].event, "");
        assert_int_equal(record_has(&r, FIELD_LATITUDE), cases[i].latitude != 0);
        assert_int_equal(record_has(&r, FIELD_LONGITUDE), cases[i].latitude != 0);
        assert_true(r.fields[FIELD_LATITUDE].number == cases[i].latitude);
        assert_true(r.fields[FIELD_LONGITUDE].number == cases[i].longitude);
    }
    struct record r = extract("\"coordinate\":{\"latitude\":25.03,\"longitude\":121.5}," GEO(
                                  "{\"mode\":\"obfuscated\",\"city\":\"X\"}"),
                              "");
    assert_true(r.fields[FIELD_LATITUDE].confidence < 0.9); // it is shifted
}

static void test_tickets(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        int is_free; // -1: unknown
        int64_t cents;
        const char *currency;
    } cases[] = {
        {"\"ticket_info\":{\"is_free\":true,\"price\":null}", 1, 0, ""},
        {"\"ticket_info\":{\"is_free\":false,\"price\":{\"cents\":2500,\"currency\":\"usd\"}}", 0,
         2500, "USD"},
        {"\"ticket_info\":{\"is_free\":false,\"price\":null},\"ticket_types\":[{\"type\":\"free\","
         "\"cents\":null}]",
         1, 0, ""},
        {"\"ticket_info\":{\"is_free\":false,\"price\":null}", -1, 0, ""},
        {"\"ticket_types\":[{\"type\":\"fiat-price\",\"cents\":5500,\"currency\":\"eur\"},{"
         "\"type\":\"fiat-price\",\"cents\":3000,"
         "\"currency\":\"eur\"},{\"type\":\"fiat-price\",\"cents\":100,\"currency\":\"eur\",\"is_"
         "hidden\":true}]",
         0, 3000, "EUR"},
        {"\"ticket_info\":{\"price\":{\"cents\":-5,\"currency\":\"usd\"}}", -1, 0, ""},
        {"\"ticket_info\":{\"price\":{\"cents\":1e300,\"currency\":\"u$d\"}}", -1, 0, ""},
        {"\"ticket_info\":7,\"ticket_types\":{\"a\":1}", -1, 0, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract("", cases[i].data);
        assert_int_equal(record_has(&r, FIELD_IS_FREE) ? r.fields[FIELD_IS_FREE].flag : -1,
                         cases[i].is_free);
        assert_int_equal(r.fields[FIELD_PRICE_CENTS].integer, cases[i].cents);
        assert_string_equal(text(&r, FIELD_PRICE_CURRENCY), cases[i].currency);
    }
}

static void test_hosts(void **state)
{
    (void)state;
    struct record r = extract(
        "",
        "\"calendar\":{\"api_id\":\"cal-1\",\"name\":\"Loom Labs "
        "Events\",\"is_personal\":false,\"website\":\"https://www.loomlabs.example\","
        "\"linkedin_handle\":\"/company/loomlabs\"},"
        "\"hosts\":[{\"api_id\":\"usr-1\",\"name\":\"Ada Lovelace "
        "\",\"linkedin_handle\":\"/in/ada\",\"twitter_handle\":\"ada\",\"bio_short\":"
        "\"Founder @ Engines\\nShe/her\",\"username\":\"ada\",\"website\":\"https://ada.example\"},"
        "{\"name\":\"Loom "
        "Labs\",\"linkedin_handle\":\"/company/loomlabs\",\"instagram_handle\":\"loomlabs\"},"
        "{\"name\":null},{\"name\":\" \\u200b \"},{\"name\":\"Ada "
        "Lovelace\",\"tiktok_handle\":\"ada\"},"
        "{\"name\":null,\"first_name\":\"Charles\",\"last_name\":\"Babbage\"},7,null,[],{\"name\":"
        "\"Grace (Cobol AI)\"},"
        "{\"name\":\"Hidden Person\",\"is_visible\":false}],"
        "\"featured_guests\":[{\"name\":\"Registered Guest\"}]");
    assert_int_equal(r.people_count, 3);
    assert_string_equal(arena_cstr(arena, r.people[0].name), "Ada Lovelace");
    assert_string_equal(r.people[0].role, "host");
    assert_string_equal(arena_cstr(arena, r.people[0].title), "Founder");
    assert_string_equal(arena_cstr(arena, r.people[0].company), "Engines");
    assert_string_equal(arena_cstr(arena, r.people[0].bio), "Founder @ Engines\nShe/her");
    assert_string_equal(arena_cstr(arena, r.people[0].luma_id), "usr-1");
    assert_string_equal(arena_cstr(arena, r.people[0].links[LINK_LINKEDIN]),
                        "https://www.linkedin.com/in/ada");
    assert_string_equal(arena_cstr(arena, r.people[0].links[LINK_X]), "https://x.com/ada");
    assert_string_equal(arena_cstr(arena, r.people[0].links[LINK_TIKTOK]),
                        "https://www.tiktok.com/@ada"); // from the second
    assert_string_equal(arena_cstr(arena, r.people[0].links[LINK_LUMA]),
                        "https://luma.com/user/ada");
    assert_string_equal(arena_cstr(arena, r.people[1].name), "Charles Babbage");
    assert_string_equal(arena_cstr(arena, r.people[2].name), "Grace");
    assert_string_equal(arena_cstr(arena, r.people[2].company), "Cobol AI");
    assert_string_equal(arena_cstr(arena, r.people[2].evidence), "Grace (Cobol AI)");
    // The calendar and the host of the same name are one company.
    assert_int_equal(r.companies_count, 1);
    assert_string_equal(arena_cstr(arena, r.companies[0].name), "Loom Labs");
    assert_string_equal(r.companies[0].relationship, "host");
    assert_string_equal(arena_cstr(arena, r.companies[0].domain), "loomlabs.example");
    assert_string_equal(arena_cstr(arena, r.companies[0].links[LINK_INSTAGRAM]),
                        "https://www.instagram.com/loomlabs");
    assert_string_equal(arena_cstr(arena, r.companies[0].luma_id), "cal-1");
}

static void test_calendars_that_are_no_company(void **state)
{
    (void)state;
    static const char *const calendars[] = {
        "{\"name\":\"Personal\",\"is_personal\":true}",
        "{\"name\":\"Loom Week Official Side Events\"}",
        "{\"name\":\"Bay Area Looms Meetups\"}",
        "{\"name\":\"Looms Summit Events\"}", // the name of the event itself
        "{\"name\":\"Ada L. - notes on engines\"}",
        "{\"name\":null}",
        "null",
        "7",
    };
    for (size_t i = 0; i < ARRAY_LEN(calendars); i++) {
        struct record r =
            extract_kind(NULL, arena_printf(arena,
                                            "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"Looms "
                                            "Summit 2026\",\"url\":\"a\"},\"hosts\":[{\"name\":"
                                            "\"Ada Lovelace\"}],\"calendar\":%s}",
                                            calendars[i]));
        assert_int_equal(r.companies_count, 0);
        assert_int_equal(r.people_count, 1);
    }
}

static void test_venue_company(void **state)
{
    (void)state;
    static const struct {
        const char *address, *full_address;
        size_t count;
    } cases[] = {
        {"Engine Hall", "Engine Hall, 12 Elm St, Springfield", 1},
        {"Engine, Inc. | Springfield Lab", "Engine, Inc. | Springfield Lab, 12 Elm St", 1},
        {"12 Elm St", "12 Elm St, Springfield 97477", 0},
        {"SoElm", "SoElm, Springfield, USA", 0}, // a district
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(arena_printf(arena,
                                               GEO("{\"mode\":\"shown\",\"type\":\"google\","
                                                   "\"address\":\"%s\",\"full_address\":\"%s\","
                                                   "\"city\":\"Springfield\"}"),
                                               cases[i].address, cases[i].full_address),
                                  "");
        assert_int_equal(r.companies_count, cases[i].count);
        if (r.companies_count)
            assert_string_equal(r.companies[0].relationship, "venue");
    }
}

static void test_other_kinds(void **state)
{
    (void)state;
    static const char list[] =
        "{\"calendar\":{\"api_id\":\"cal-1\",\"name\":\"Looms\",\"slug\":\"looms\"},\"featured_"
        "items\":["
        "{\"api_id\":\"calev-1\",\"event\":{\"api_id\":\"evt-1\",\"name\":\"A\",\"start_at\":\"x\","
        "\"url\":\"aaa\"},"
        "\"platform\":\"luma\"},{\"api_id\":\"calev-2\",\"event\":{\"name\":\"B\",\"start_at\":"
        "\"x\",\"url\":"
        "\"https://www.eventbrite.com/e/"
        "1\"},\"platform\":\"external\"},{\"event\":{\"api_id\":\"evt-1\",\"name\":\"A\","
        "\"start_at\":\"x\",\"url\":\"aaa\"}},{\"event\":{\"api_id\":\"evt-2\",\"name\":\"C\","
        "\"start_at\":\"x\",\"url\":7}}]}";
    static const struct {
        const char *kind;
        enum page_kind expected;
    } kinds[] = {{"calendar", PAGE_CALENDAR},
                 {"user", PAGE_PROFILE},
                 {"discover-place", PAGE_NOT_EVENT},
                 {"category", PAGE_NOT_EVENT},
                 {"brand-new", PAGE_NOT_EVENT}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct record r = extract_kind(kinds[i].kind, list);
        assert_int_equal(r.kind, kinds[i].expected);
        assert_int_equal(r.listed_count, 2);
        assert_string_equal(arena_cstr(arena, r.listed[0]), "https://luma.com/aaa");
        assert_string_equal(arena_cstr(arena, r.listed[1]), "https://www.eventbrite.com/e/1");
        assert_int_equal(r.people_count + r.companies_count + r.topics_count, 0);
    }
    // Says it is an event, but holds none; an event under a new kind is one.
    assert_int_equal(extract_kind("event", "{\"event\":null}").kind, PAGE_NOT_EVENT);
    assert_int_equal(extract_kind("event", "{}").kind, PAGE_NOT_EVENT);
    assert_int_equal(
        extract_kind("gathering", "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"N\",\"url\":\"n\"}}")
            .kind,
        PAGE_EVENT);
}

static void test_lists_are_bounded(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 8 * 1024 * 1024);
    buffer_append_cstr(&json, "{\"items\":[");
    for (int i = 0; i < 3000; i++)
        buffer_printf(&json,
                      "%s{\"event\":{\"api_id\":\"evt-%d\",\"name\":\"A\",\"start_at\":\"x\","
                      "\"url\":\"e%d\"}}",
                      i ? "," : "", i, i);
    buffer_append_cstr(&json, "]}");
    struct record r = extract_kind("calendar", buffer_slice(&json).ptr);
    assert_int_equal(r.listed_count, RECORD_MAX_LISTED);
    assert_int_equal(r.warnings_count, 1);
    buffer_clear(&json);
    buffer_append_cstr(
        &json, "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"N\",\"url\":\"n\"},\"hosts\":[");
    for (int i = 0; i < 3000; i++)
        buffer_printf(&json, "%s{\"name\":\"Person N%c%c%c\"}", i ? "," : "", 'a' + i % 26,
                      'a' + i / 26 % 26, 'a' + i / 676);
    buffer_append_cstr(&json, "]}");
    r = extract_kind("event", buffer_slice(&json).ptr);
    assert_int_equal(r.people_count, RECORD_MAX_PEOPLE);
    buffer_done(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_plain_fields),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_the_shapes_of_an_address),
        cmocka_unit_test(test_coordinates),
        cmocka_unit_test(test_tickets),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_calendars_that_are_no_company),
        cmocka_unit_test(test_venue_company),
        cmocka_unit_test(test_other_kinds),
        cmocka_unit_test(test_lists_are_bounded),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
