// Microdata, RDFa Lite and microformats: the same evening in each.
#include "extractor/page/markup.h"

#include "extractor/extract.h"
#include "lib/text/dates.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct record extract(const char *html)
{
    struct record record;
    assert_int_equal(extract_page(slice_from_cstr(html),
                                  SLICE("https://conf.example/2026/talk.html"), arena, &record,
                                  NULL),
                     ERR_OK);
    return record;
}

static const char *text(const struct record *record, enum field field)
{
    return arena_cstr(arena, record_text(record, field));
}

static const char *const microdata =
    "<body itemscope itemtype='https://schema.org/EducationEvent'>"
    "<h1><a href='/looms' itemprop='url'><span itemprop='name'>Looms &amp; Engines</span></a></h1>"
    "<meta itemprop='startDate' content='2026-05-01T19:00+02:00'>"
    "<time itemprop='endDate' datetime='2026-05-01T21:00+02:00'>nine</time>"
    "<p itemprop='location' itemscope itemtype='http://schema.org/Place'>"
    "<b itemprop='name'>Engine Hall</b><span itemprop='address' itemscope "
    "itemtype='http://schema.org/PostalAddress'><i itemprop='streetAddress'>Elm Street 5</i> "
    "<i itemprop='addressLocality'>Lyon</i> <i itemprop='addressCountry'>FR</i></span></p>"
    "<img itemprop='image' src='loom.png'>"
    "<div itemprop='description'><h2>Why</h2><ul><li>Looms<li>Engines</ul></div>"
    "<div itemprop='performer' itemscope itemtype='http://schema.org/Person'>"
    "<span itemprop='name'>Ada Byron</span></div>"
    "<div itemprop='organizer' itemscope itemtype='http://schema.org/Organization'>"
    "<a itemprop='url' href='https://loomlabs.example/'><span itemprop='name'>Loom "
    "Labs</span></a></div>"
    "<div itemprop='offers' itemscope itemtype='http://schema.org/Offer'><meta itemprop='price' "
    "content='12.50'><meta itemprop='priceCurrency' content='EUR'><link itemprop='availability' "
    "href='http://schema.org/SoldOut'></div>"
    "<link itemprop='eventStatus' href='http://schema.org/EventPostponed'></body>";

static const char *const rdfa =
    "<div vocab='https://schema.org/' typeof='Event'>"
    "<a property='url' href='/looms'></a><h1 property='name'>Looms &amp; Engines</h1>"
    "<time property='startDate' datetime='2026-05-01T19:00+02:00'>seven</time>"
    "<meta property='endDate' content='2026-05-01T21:00+02:00'>"
    "<p property='location' typeof='Place'><b property='name'>Engine Hall</b>"
    "<span property='address' typeof='PostalAddress'><i property='streetAddress'>Elm Street 5</i>"
    "<i property='addressLocality'>Lyon</i><i property='addressCountry'>FR</i></span></p>"
    "<img property='image' src='loom.png'>"
    "<div property='schema:description'><h2>Why</h2><ul><li>Looms<li>Engines</ul></div>"
    "<div property='performer' typeof='schema:Person'><span property='name'>Ada Byron</span></div>"
    "<div property='organizer' typeof='Organization'><a property='url' "
    "href='https://loomlabs.example/'></a><span property='name'>Loom Labs</span></div>"
    "<div property='offers' typeof='Offer'><meta property='price' content='12.50'><meta "
    "property='priceCurrency' content='EUR'><link property='availability' "
    "href='http://schema.org/SoldOut'></div>"
    "<link property='eventStatus' href='http://schema.org/EventPostponed'></div>";

static void check_evening(const struct record *r)
{
    assert_int_equal(r->kind, PAGE_EVENT);
    assert_string_equal(text(r, FIELD_NAME), "Looms & Engines");
    assert_int_equal(r->fields[FIELD_NAME].method, METHOD_MICRODATA);
    assert_string_equal(text(r, FIELD_URL), "https://conf.example/looms");
    assert_int_equal(r->fields[FIELD_STARTS_AT].integer, 1777654800000);
    assert_int_equal(r->fields[FIELD_ENDS_AT].integer, 1777654800000 + 2 * 3600 * 1000);
    assert_string_equal(text(r, FIELD_VENUE), "Engine Hall");
    assert_string_equal(text(r, FIELD_CITY), "Lyon");
    assert_string_equal(text(r, FIELD_COUNTRY), "FR");
    assert_string_equal(text(r, FIELD_ADDRESS), "Elm Street 5, Lyon, FR");
    assert_string_equal(text(r, FIELD_IMAGE_URL), "https://conf.example/2026/loom.png");
    assert_string_equal(text(r, FIELD_DESCRIPTION), "## Why\n\n- Looms\n- Engines");
    assert_int_equal(r->prose.lines[0].kind, PROSE_HEADING);
}

static void check_parties(const struct record *r)
{
    assert_int_equal(r->people_count, 1);
    assert_string_equal(arena_cstr(arena, r->people[0].name), "Ada Byron");
    assert_string_equal(r->people[0].role, "speaker");
    assert_int_equal(r->companies_count, 1);
    assert_string_equal(arena_cstr(arena, r->companies[0].name), "Loom Labs");
    assert_string_equal(arena_cstr(arena, r->companies[0].domain), "loomlabs.example");
    assert_int_equal(r->fields[FIELD_PRICE_CENTS].integer, 1250);
    assert_true(r->fields[FIELD_SOLD_OUT].flag);
    assert_string_equal(text(r, FIELD_STATUS), "postponed");
}

static void test_microdata(void **state)
{
    (void)state;
    struct record r = extract(microdata);
    check_evening(&r);
    check_parties(&r);
}

static void test_rdfa(void **state)
{
    (void)state;
    struct record r = extract(rdfa);
    check_evening(&r);
    check_parties(&r);
}

static void test_h_event(void **state)
{
    (void)state;
    struct record r = extract(
        "<article class='h-event'><h1 class='p-name'><a class='u-url' href='/looms'>Looms &amp; "
        "Engines</a></h1><time class='dt-start' datetime='2026-05-01T19:00+02:00'>seven</time>"
        "<span class='dt-end'><span class='value'>2026-05-01</span> at <span "
        "class='value'>21:00</span><span class='value'>+02:00</span></span>"
        "<div class='p-location h-card'><a class='p-name u-url' href='https://hall.example'>Engine "
        "Hall</a><p class='p-adr h-adr'><span class='p-street-address'>Elm Street 5</span> <span "
        "class='p-locality'>Lyon</span> <abbr class='p-country-name' "
        "title='FR'>France</abbr></p></div>"
        "<img class='u-photo' src='loom.png'>"
        "<div class='e-content'><h2>Why</h2><ul><li>Looms<li>Engines</ul></div>"
        "<p class='p-organizer h-card'>Loom Labs</p>"
        "<p class='p-attendee h-card'><span class='p-name'>Carl Weaver</span></p></article>");
    check_evening(&r);
    assert_int_equal(r.people_count, 0);
    assert_int_equal(r.companies_count, 1);
    assert_string_equal(arena_cstr(arena, r.companies[0].name), "Loom Labs");
}

static void test_vevent(void **state)
{
    (void)state;
    struct record r = extract(
        "<div class='vevent'><a class='url summary' href='/looms'>Looms &amp; Engines</a><abbr "
        "class='dtstart' title='2026-05-01T19:00:00+0200'>seven</abbr> <abbr class='dtend' "
        "title='20260501T210000+0200'>nine</abbr><div class='location vcard'><b class='fn "
        "org'>Engine "
        "Hall</b> <span class='adr'><i class='street-address'>Elm Street 5</i>, <i "
        "class='locality'>Lyon</i> <i class='country-name'>FR</i></span></div><img class='photo "
        "u-photo' "
        "src='loom.png'><div "
        "class='description'><h2>Why</h2><ul><li>Looms<li>Engines</ul></div></div>");
    check_evening(&r);
    r = extract("<div class=vevent><b class=summary>Looms</b><i class=dtstart>2026-05-01</i><i "
                "class=location>Lyon, France</i></div>");
    assert_string_equal(text(&r, FIELD_DATE), "2026-05-01");
    assert_string_equal(text(&r, FIELD_ADDRESS), "Lyon, France");
}

static void test_lists(void **state)
{
    (void)state;
    struct record r =
        extract("<div itemscope itemtype='http://schema.org/MusicGroup'>"
                "<p itemprop=event itemscope itemtype='http://schema.org/MusicEvent'><a "
                "itemprop=url href=a>A</a>"
                "<p itemprop=event itemscope itemtype='http://schema.org/MusicEvent'><a "
                "itemprop=url href=b>B</a>"
                "<p itemprop=event itemscope itemtype='http://schema.org/MusicEvent'><b "
                "itemprop=name>C</b></div>");
    assert_int_equal(r.kind, PAGE_NOT_EVENT);
    assert_int_equal(r.listed_count, 2);
    assert_string_equal(arena_cstr(arena, r.listed[0]), "https://conf.example/2026/a");
    assert_int_equal(r.warnings_count, 1); // one has no address
    r = extract(
        "<p class=vevent><a class='summary url' href=/a>A</a><p class=vevent><a class='summary "
        "url' href=/b>B</a>");
    assert_int_equal(r.kind, PAGE_NOT_EVENT);
    assert_int_equal(r.listed_count, 2);
}

static void test_references(void **state)
{
    (void)state;
    struct record r = extract("<div itemscope itemtype='http://schema.org/Event' itemref='n where "
                              "nothing'></div><p id=n><b itemprop=name>Looms</b></p><p id=where "
                              "itemprop=location>Lyon</p>");
    assert_string_equal(text(&r, FIELD_NAME), "Looms");
    assert_string_equal(text(&r, FIELD_ADDRESS), "Lyon");
    // An item that is part of itself.
    r = extract(
        "<div id=a itemprop=about itemscope itemtype='http://schema.org/Event' itemref='a "
        "b'><b itemprop=name>A</b></div><div id=b itemprop=about itemscope itemref=a></div>");
    assert_string_equal(text(&r, FIELD_NAME), "A");
}

// What is better said elsewhere, or only mentioned.
static void test_when_it_is_not_read(void **state)
{
    (void)state;
    struct record r = extract(
        "<script type=application/ld+json>{\"@type\":\"Event\",\"name\":\"From "
        "JSON\"}</script><p itemscope itemtype='http://schema.org/Event'><b itemprop=name>From "
        "markup</b>");
    assert_string_equal(text(&r, FIELD_NAME), "From JSON");
    r = extract(
        "<p>An itemscope is told in <code>&lt;p itemscope&gt;</code>; typeof is an operator.");
    assert_int_equal(r.kind, PAGE_NOT_EVENT);
    r = extract("<template><p itemscope itemtype='http://schema.org/Event'><b "
                "itemprop=name>T</b></template>");
    assert_int_equal(r.kind, PAGE_NOT_EVENT);
}

static void test_hostile(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<b itemprop=a>text text text",
        "<div itemscope itemprop=a>",
        "<div itemscope itemref='a b c' id=a>",
        "<p itemscope itemtype=http://schema.org/Event><b itemprop='name url location'>x",
        "<div class='vevent location vcard dtstart'>x",
        "<i class='h-event p-organizer'>",
        "<div typeof=Event property='name description'>y"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct arena *own = arena_new(EXTRACT_ARENA_BYTES);
        size_t len = strlen(parts[i]), bytes = 3 * 1024 * 1024;
        char *page = arena_alloc(own, bytes + len);
        struct record record;
        for (size_t at = 0; at < bytes; at += len)
            memcpy(page + at, parts[i], len);
        assert_int_equal(extract_page((struct slice){page, bytes}, SLICE("https://a.example/"), own,
                                      &record, NULL),
                         ERR_OK);
        arena_free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_microdata),
        cmocka_unit_test(test_rdfa),
        cmocka_unit_test(test_h_event),
        cmocka_unit_test(test_vevent),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_when_it_is_not_read),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
