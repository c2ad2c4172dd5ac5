#include "extractor/page/json_ld.h"

#include "extractor/extract.h"
#include "extractor/luma_page.h"
#include "lib/text/dates.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct record extract_at(const char *host, const char *json_ld)
{
    struct record record;
    struct slice page =
        luma_page_build(arena, (struct luma_page){.json_ld = json_ld, .host = host});
    assert_int_equal(extract_page(page, (struct slice){0}, arena, &record, NULL), ERR_OK);
    return record;
}

// A page of another site with one Event of the given members.
static struct record extract(const char *members)
{
    return extract_at(
        "conf.example",
        arena_printf(
            arena,
            "{\"@context\":\"https://schema.org\",\"@type\":\"Event\",\"name\":\"Looms\"%s%s}",
            *members ? "," : "", members));
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

static void test_luma_event(void **state)
{
    (void)state;
    struct record r = extract_at(
        NULL, "{\"@context\":\"https://schema.org\",\"@type\":\"Event\",\"@id\":\"https://luma.com/"
              "looms\",\"name\":\"Looms &amp; co\","
              "\"description\":\"One\\nTwo\",\"startDate\":\"2026-04-01T00:30:00.000+08:00\","
              "\"endDate\":\"2026-04-01T02:00:00.000+08:00\","
              "\"eventAttendanceMode\":\"https://schema.org/"
              "OfflineEventAttendanceMode\",\"eventStatus\":\"https://schema.org/EventScheduled\","
              "\"location\":{\"@type\":\"Place\",\"name\":\"Engine "
              "Hall\",\"address\":{\"@type\":\"PostalAddress\",\"addressCountry\":{\"@type\":"
              "\"Country\",\"name\":\"Taiwan\"},\"addressLocality\":\"Taipei\",\"addressRegion\":"
              "\"Taipei City\",\"streetAddress\":\"Engine Hall\"},"
              "\"geo\":{\"latitude\":\"25.03\",\"longitude\":\"121.5\"}},\"image\":[\"https://"
              "images.example.com/a.png\"],"
              "\"offers\":[{\"@type\":\"Offer\",\"price\":0,\"priceCurrency\":\"usd\","
              "\"availability\":\"https://schema.org/InStock\"}],"
              "\"organizer\":[{\"@type\":\"Organization\",\"name\":\"Ada "
              "Lovelace\",\"url\":\"https://luma.com/user/usr-1\"},{\"@type\":"
              "\"Organization\",\"name\":\"Loom "
              "Labs\"}],\"performer\":[{\"@type\":\"Organization\",\"name\":\"Nobody Else\"}]}");
    assert_int_equal(r.kind, PAGE_EVENT);
    assert_string_equal(text(&r, FIELD_NAME), "Looms &amp; co"); // Luma's texts are no HTML
    assert_string_equal(text(&r, FIELD_DESCRIPTION), "One  \nTwo");
    assert_string_equal(text(&r, FIELD_URL), "https://luma.com/looms");
    assert_string_equal(time_text(&r, FIELD_STARTS_AT), "2026-03-31T16:30:00Z");
    assert_string_equal(time_text(&r, FIELD_ENDS_AT), "2026-03-31T18:00:00Z");
    assert_string_equal(text(&r, FIELD_DATE), "2026-04-01");
    assert_false(record_has(&r, FIELD_TIMEZONE)); // an offset is no zone
    assert_string_equal(text(&r, FIELD_LOCATION), "Engine Hall, Taipei");
    assert_string_equal(text(&r, FIELD_VENUE), "Engine Hall");
    assert_string_equal(text(&r, FIELD_ADDRESS), "Taipei, Taipei City, Taiwan");
    assert_string_equal(text(&r, FIELD_COUNTRY), "TW");
    assert_true(r.fields[FIELD_LATITUDE].number == 25.03);
    assert_false(r.fields[FIELD_IS_ONLINE].flag);
    assert_true(r.fields[FIELD_IS_FREE].flag);
    assert_false(record_has(&r, FIELD_SOLD_OUT)); // Luma says InStock always
    assert_int_equal(r.fields[FIELD_NAME].method, METHOD_JSON_LD);
    // Hosts by their names; the type is always Organization, and performers are the same again.
    assert_int_equal(r.people_count, 1);
    assert_string_equal(arena_cstr(arena, r.people[0].name), "Ada Lovelace");
    assert_string_equal(r.people[0].role, "host");
    assert_string_equal(arena_cstr(arena, r.people[0].links[LINK_LUMA]),
                        "https://luma.com/user/usr-1");
    assert_int_equal(r.companies_count, 1);
    assert_string_equal(arena_cstr(arena, r.companies[0].name), "Loom Labs");
    // A hidden place has the city for its name.
    r = extract_at(NULL, "{\"@type\":\"Event\",\"name\":\"N\",\"location\":{\"@type\":\"Place\","
                         "\"name\":\"Taipei, Taiwan\",\"address\":"
                         "\"Register to See Address\"}}");
    assert_false(record_has(&r, FIELD_VENUE));
    assert_false(record_has(&r, FIELD_ADDRESS));
    assert_string_equal(text(&r, FIELD_CITY), "Taipei");
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *members, *starts_at, *ends_at, *date;
    } cases[] = {
        {"\"startDate\":\"2026-04-01T00:30+08:00\"", "2026-03-31T16:30:00Z", "", "2026-04-01"},
        {"\"startDate\":\"2026-04-01T00:30:00Z\",\"duration\":\"PT90M\"", "2026-04-01T00:30:00Z",
         "2026-04-01T02:00:00Z", "2026-04-01"},
        {"\"startDate\":\"2026-04-01\",\"endDate\":\"2026-04-03\"", "", "",
         "2026-04-01"},                                               // a day alone
        {"\"startDate\":\"2026-04-01T19:00\"", "", "", "2026-04-01"}, // nobody knows in which zone
        {"\"startDate\":[\"2026-04-01T19:00:00+02:00\"]", "2026-04-01T17:00:00Z", "", "2026-04-01"},
        {"\"startDate\":{\"@type\":\"DateTime\",\"@value\":\"2026-04-01T19:00:00+02:00\"}",
         "2026-04-01T17:00:00Z", "", "2026-04-01"},
        {"\"startDate\":\"April 1st\"", "", "", ""},
        {"\"startDate\":20260401", "", "", ""},
        {"\"startDate\":null", "", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(cases[i].members);
        assert_string_equal(time_text(&r, FIELD_STARTS_AT), cases[i].starts_at);
        assert_string_equal(time_text(&r, FIELD_ENDS_AT), cases[i].ends_at);
        assert_string_equal(text(&r, FIELD_DATE), cases[i].date);
    }
}

static void test_status_and_mode(void **state)
{
    (void)state;
    static const struct {
        const char *members, *status;
        int online;
    } cases[] = {
        {"\"eventStatus\":\"https://schema.org/EventCancelled\"", "cancelled", -1},
        {"\"eventStatus\":\"http://schema.org/EventPostponed\"", "postponed", -1},
        {"\"eventStatus\":\"EventRescheduled\"", "scheduled", -1},
        {"\"eventStatus\":[\"https://schema.org/EventMovedOnline\"]", "scheduled", 1},
        {"\"eventStatus\":7", "scheduled", -1},
        {"\"eventAttendanceMode\":\"https://schema.org/OnlineEventAttendanceMode\"", "scheduled",
         1},
        {"\"eventAttendanceMode\":\"https://schema.org/MixedEventAttendanceMode\"", "scheduled", 1},
        {"\"eventAttendanceMode\":\"OfflineEventAttendanceMode\"", "scheduled", 0},
        {"\"location\":{\"@type\":\"VirtualLocation\",\"url\":\"https://meet.example.com\"}",
         "scheduled", 1},
        {"\"location\":\"Zoom\"", "scheduled", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(cases[i].members);
        assert_string_equal(text(&r, FIELD_STATUS), cases[i].status);
        assert_int_equal(record_has(&r, FIELD_IS_ONLINE) ? r.fields[FIELD_IS_ONLINE].flag : -1,
                         cases[i].online);
    }
}

static void test_locations(void **state)
{
    (void)state;
    static const struct {
        const char *location, *line, *venue, *address, *city, *country;
    } cases[] = {
        {"\"Engine Hall, 12 Elm St, Springfield\"", "Engine Hall, 12 Elm St, Springfield", "",
         "Engine Hall, 12 Elm St, Springfield", "", ""},
        {"{\"@type\":\"Place\",\"name\":\"Engine Hall\",\"address\":\"12 Elm St, Springfield\"}",
         "Engine Hall", "Engine Hall", "12 Elm St, Springfield", "", ""},
        {"{\"@type\":\"Place\",\"name\":\"12 Elm St\",\"address\":\"12 Elm St\"}", "12 Elm St", "",
         "12 Elm St", "", ""},
        {"{\"@type\":\"PostalAddress\",\"streetAddress\":\"12 Elm "
         "St\",\"addressLocality\":\"Springfield\",\"addressCountry\":\"DE\"}",
         "12 Elm St, Springfield, DE", "", "12 Elm St, Springfield, DE", "Springfield", "DE"},
        {"[{\"@type\":\"VirtualLocation\"},{\"@type\":[\"Place\",\"Thing\"],\"name\":\"Engine "
         "Hall\",\"address\":{\"addressLocality\":"
         "\"Springfield\",\"addressCountry\":\"Narnia\"}}]",
         "Engine Hall, Springfield", "Engine Hall", "Springfield, Narnia", "Springfield", ""},
        {"{\"@type\":\"Place\",\"name\":7,\"address\":[1]}", "", "", "", "", ""},
        {"7", "", "", "", "", ""},
        {"null", "", "", "", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(arena_printf(arena, "\"location\":%s", cases[i].location));
        assert_string_equal(text(&r, FIELD_LOCATION), cases[i].line);
        assert_string_equal(text(&r, FIELD_VENUE), cases[i].venue);
        assert_string_equal(text(&r, FIELD_ADDRESS), cases[i].address);
        assert_string_equal(text(&r, FIELD_CITY), cases[i].city);
        assert_string_equal(text(&r, FIELD_COUNTRY), cases[i].country);
    }
}

static void test_offers(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        int is_free;
        int64_t cents;
        const char *currency;
        int sold_out;
    } cases[] = {
        {"\"offers\":{\"price\":25.5,\"priceCurrency\":\"EUR\"}", 0, 2550, "EUR", -1},
        {"\"offers\":[{\"price\":\"30\",\"priceCurrency\":\"usd\"},{\"price\":\"12.34\","
         "\"priceCurrency\":\"usd\"}]",
         0, 1234, "USD", -1},
        {"\"offers\":{\"@type\":\"AggregateOffer\",\"lowPrice\":2500,\"priceCurrency\":\"JPY\"}", 0,
         2500, "JPY", -1},
        {"\"offers\":{\"price\":0}", 1, 0, "", -1},
        {"\"isAccessibleForFree\":true", 1, 0, "", -1},
        {"\"isAccessibleForFree\":\"https://schema.org/True\"", 1, 0, "", -1},
        {"\"isAccessibleForFree\":\"False\"", 0, 0, "", -1},
        {"\"isAccessibleForFree\":\"perhaps\"", -1, 0, "", -1},
        {"\"offers\":[{\"availability\":\"SoldOut\"},{\"availability\":\"InStock\"}]", -1, 0, "",
         0},
        {"\"offers\":[{\"availability\":\"https://schema.org/OutOfStock\"}]", -1, 0, "", 1},
        {"\"offers\":[{\"availability\":\"http://schema.org/SoldOut\"}]", -1, 0, "", 1},
        {"\"offers\":{\"price\":5}", -1, 0, "", -1}, // of what?
        {"\"offers\":{\"price\":-5,\"priceCurrency\":\"EUR\"}", -1, 0, "", -1},
        {"\"offers\":{\"price\":1e400,\"priceCurrency\":\"EUR\"}", -1, 0, "", -1}, // no JSON number
        {"\"offers\":{\"price\":1e300,\"priceCurrency\":\"EUR\"}", -1, 0, "", -1},
        {"\"offers\":[7,null,[]]", -1, 0, "", -1},
        {"\"offers\":\"free\"", -1, 0, "", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(cases[i].members);
        assert_int_equal(record_has(&r, FIELD_IS_FREE) ? r.fields[FIELD_IS_FREE].flag : -1,
                         cases[i].is_free);
        assert_int_equal(r.fields[FIELD_PRICE_CENTS].integer, cases[i].cents);
        assert_string_equal(text(&r, FIELD_PRICE_CURRENCY), cases[i].currency);
        assert_int_equal(record_has(&r, FIELD_SOLD_OUT) ? r.fields[FIELD_SOLD_OUT].flag : -1,
                         cases[i].sold_out);
    }
}

static void test_parties_of_other_sites(void **state)
{
    (void)state;
    struct record r = extract(
        "\"name\":\"AT&amp;T "
        "Looms\",\"inLanguage\":\"en-US\",\"organizer\":{\"@type\":\"Organization\",\"name\":"
        "\"Acme\","
        "\"url\":\"https://www.acme.example\"},\"performer\":[{\"@type\":\"Person\",\"name\":\"Dr. "
        "Ada Lovelace\",\"jobTitle\":\"Chief Weaver\",\"worksFor\":{\"@type\":\"Organization\","
        "\"name\":\"Loom Labs\"},\"sameAs\":[\"https://www.linkedin.com/in/"
        "ada\",\"https://ada.example\"]},{\"@type\":"
        "\"PerformingGroup\",\"name\":\"The "
        "Looms\"}],\"sponsor\":[{\"@type\":\"Organization\",\"name\":\"Engine Corp\"}]");
    assert_int_equal(r.people_count, 1);
    assert_string_equal(arena_cstr(arena, r.people[0].name), "Ada Lovelace");
    assert_string_equal(r.people[0].role, "speaker");
    assert_string_equal(arena_cstr(arena, r.people[0].title), "Chief Weaver");
    assert_string_equal(arena_cstr(arena, r.people[0].company), "Loom Labs");
    assert_string_equal(arena_cstr(arena, r.people[0].links[LINK_LINKEDIN]),
                        "https://www.linkedin.com/in/ada");
    assert_string_equal(arena_cstr(arena, r.people[0].links[LINK_WEBSITE]), "https://ada.example");
    assert_int_equal(r.companies_count, 2);
    assert_string_equal(arena_cstr(arena, r.companies[0].domain), "acme.example");
    assert_string_equal(r.companies[1].relationship, "sponsor");
    assert_string_equal(text(&r, FIELD_LANGUAGE), "en-US");
    r = extract("\"organizer\":[\"Engine Labs\",{\"@type\":\"Person\",\"name\":\"Club "
                "Lovelace\"},7,null,{\"name\":{}}]");
    assert_int_equal(r.companies_count, 1);
    assert_int_equal(r.people_count, 1); // typed as a person, whatever the name looks like
}

static void test_where_the_event_stands(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum page_kind kind;
        const char *name;
        size_t listed;
    } cases[] = {
        {"{\"@type\":\"https://schema.org/Event\",\"name\":\"A\"}", PAGE_EVENT, "A", 0},
        {"{\"@type\":[\"Thing\",\"schema:MusicEvent\"],\"name\":\"A\"}", PAGE_EVENT, "A", 0},
        {"{\"@type\":\"Hackathon\",\"name\":\"A\"}", PAGE_EVENT, "A", 0},
        {"[{\"@type\":\"WebSite\"},{\"@type\":\"Event\",\"name\":\"A\"}]", PAGE_EVENT, "A", 0},
        {"{\"@graph\":[{\"@type\":\"WebPage\"},{\"@type\":\"Event\",\"name\":\"A\"}]}", PAGE_EVENT,
         "A", 0},
        {"{\"@type\":\"WebPage\",\"mainEntity\":{\"@type\":\"Event\",\"name\":\"A\"}}", PAGE_EVENT,
         "A", 0},
        {"[{\"@type\":\"Event\",\"name\":\"A\"},{\"@type\":\"Event\",\"name\":\"a\"}]", PAGE_EVENT,
         "A", 0}, // twice the same
        {"[{\"@type\":\"Event\",\"name\":\"A\",\"url\":\"https://conf.example/"
         "a\"},{\"@type\":\"Event\",\"name\":\"B\",\"url\":"
         "\"https://conf.example/test-event\"}]",
         PAGE_EVENT, "B", 0}, // the page's own address
        {"[{\"@type\":\"Event\",\"name\":\"A\",\"url\":\"https://conf.example/"
         "a\"},{\"@type\":\"Event\",\"name\":\"B\",\"url\":"
         "\"https://conf.example/b\"}]",
         PAGE_NOT_EVENT, "", 2},
        {"[{\"@type\":\"Event\",\"name\":\"Tour\",\"startDate\":\"2026-01-01\",\"url\":\"https://"
         "conf.example/a\"},{"
         "\"@type\":\"Event\",\"name\":\"Tour\",\"startDate\":\"2026-01-02\",\"url\":\"https://"
         "conf.example/b\"}]",
         PAGE_NOT_EVENT, "", 2},
        {"{\"@type\":\"ItemList\",\"itemListElement\":[{\"item\":{\"@type\":\"Event\",\"name\":"
         "\"A\",\"url\":\"https://conf.example/a\"}}]}",
         PAGE_NOT_EVENT, "", 1},
        {"{\"@type\":\"Organization\",\"name\":\"O\",\"events\":[{\"@type\":\"Event\",\"@id\":"
         "\"https://luma.com/a\",\"name\":\"A\"},"
         "{\"@type\":\"Event\",\"@id\":\"https://lu.ma/a?x\",\"name\":\"A\"}]}",
         PAGE_CALENDAR, "", 1},
        {"{\"@type\":\"Organization\",\"potentialAction\":{\"@type\":\"SubscribeAction\"}}",
         PAGE_CALENDAR, "", 0},
        {"{\"@type\":\"WebSite\",\"name\":\"O\"}", PAGE_NOT_EVENT, "", 0},
        {"{\"@type\":\"Event\"}", PAGE_EVENT, "Test · Luma", 0}, // the name comes from the head
        {"{\"@type\":7}", PAGE_NOT_EVENT, "", 0},
        {"7", PAGE_NOT_EVENT, "", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract_at("conf.example", cases[i].json);
        assert_int_equal(r.kind, cases[i].kind);
        if (r.kind == PAGE_EVENT)
            assert_string_equal(text(&r, FIELD_NAME), cases[i].name);
        assert_int_equal(r.listed_count, cases[i].listed);
    }
}

static void test_sloppy_blocks(void **state)
{
    (void)state;
    static const char *const good[] = {
        "\n  {\"@type\":\"Event\",\"name\":\"A\"}\n",
        "{\"@type\":\"Event\",\"name\":\"A\",\"description\":\"line\nbreak\tand tab\"}",
        "<!-- {\"@type\":\"Event\",\"name\":\"A\"} -->",
        "//<![CDATA[\n{\"@type\":\"Event\",\"name\":\"A\"}\n//]]>",
        "{\"@type\":\"Event\",\"name\":\"A\",\"description\":\"bad \xff byte\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(extract_at("conf.example", good[i]).kind, PAGE_EVENT);
    static const char *const broken[] = {"", "{", "{\"@type\":\"Event\",\"name\":\"A\"",
                                         "{'@type':'Event'}", "nonsense"};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct record r = extract_at("conf.example", broken[i]);
        assert_int_equal(r.kind, PAGE_NOT_EVENT);
        assert_int_equal(r.warnings_count, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_luma_event),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_status_and_mode),
        cmocka_unit_test(test_locations),
        cmocka_unit_test(test_offers),
        cmocka_unit_test(test_parties_of_other_sites),
        cmocka_unit_test(test_where_the_event_stands),
        cmocka_unit_test(test_sloppy_blocks),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
