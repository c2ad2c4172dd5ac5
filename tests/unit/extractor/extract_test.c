// Whole pages: which source wins, what happens when one is broken, what names tell, and input that
// means harm.
#include "extractor/extract.h"

#include "extractor/luma_page.h"
#include "lib/base/buffer.h"
#include "lib/json/json.h"
#include "lib/text/dates.h"
#include "lib/text/unicode.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct record extract(struct slice page)
{
    struct record record;
    assert_int_equal(extract_page(page, (struct slice){0}, arena, &record, NULL), ERR_OK);
    return record;
}

static const char *text(const struct record *record, enum field field)
{
    return arena_cstr(arena, record_text(record, field));
}

static const char EVENT[] = "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"From "
                            "state\",\"start_at\":\"2026-03-31T16:30:00Z\",\"timezone\":"
                            "\"Asia/"
                            "Taipei\",\"url\":\"state\",\"geo_address_info\":{\"mode\":"
                            "\"obfuscated\",\"city\":\"Taipei\"}},"
                            "\"hosts\":[{\"name\":\"Ada Lovelace\"}]}";
static const char LD[] =
    "{\"@type\":\"Event\",\"@id\":\"https://luma.com/ld\",\"name\":\"From "
    "markup\",\"description\":\"Markup's text\","
    "\"startDate\":\"2026-05-01T10:00:00+08:00\",\"eventStatus\":\"https://schema.org/"
    "EventCancelled\",\"location\":"
    "{\"@type\":\"Place\",\"name\":\"Other "
    "Hall\",\"address\":{\"addressLocality\":\"Tainan\"}},\"organizer\":"
    "[{\"name\":\"Somebody Else\"}],\"image\":\"https://images.example.com/ld.png\"}";

static void test_the_order_of_trust(void **state)
{
    (void)state;
    struct record r =
        extract(luma_page_build(arena, (struct luma_page){.data = EVENT, .json_ld = LD}));
    assert_string_equal(text(&r, FIELD_NAME), "From state");
    assert_string_equal(text(&r, FIELD_DESCRIPTION), "Markup's text"); // left open by the state
    assert_int_equal(r.fields[FIELD_DESCRIPTION].method, METHOD_JSON_LD);
    assert_string_equal(text(&r, FIELD_STATUS), "cancelled");
    assert_string_equal(text(&r, FIELD_IMAGE_URL), "https://images.example.com/ld.png");
    // A place is one source's as a whole: no venue of the markup in the state's city. So are times
    // and hosts.
    assert_string_equal(text(&r, FIELD_CITY), "Taipei");
    assert_false(record_has(&r, FIELD_VENUE));
    assert_false(record_has(&r, FIELD_ENDS_AT));
    assert_int_equal(r.people_count, 1);
    assert_string_equal(arena_cstr(arena, r.people[0].name), "Ada Lovelace");
}

static void test_fallbacks(void **state)
{
    (void)state;
    // Broken state: the markup tells, and a warning stays.
    struct record r =
        extract(luma_page_build(arena, (struct luma_page){.data = "{\"event\":", .json_ld = LD}));
    assert_int_equal(r.kind, PAGE_EVENT);
    assert_string_equal(text(&r, FIELD_NAME), "From markup");
    assert_int_equal(r.warnings_count, 1);
    assert_true(slice_starts_with(r.warnings[0], SLICE("next_data: ")));
    // Both broken: the head tells that it is an event, and its name.
    const char *deep_link =
        "<meta name=\"apple-itunes-app\" content=\"app-id=1, app-argument=luma://event/evt-xyz\"/>"
        "<meta property=\"og:description\" content=\"Begins like …\"/><meta property=\"og:image\" "
        "content=\"https://i.example.com/a?b&amp;c\"/>";
    r = extract(luma_page_build(
        arena, (struct luma_page){
                   .data = "{", .json_ld = "{", .head = deep_link, .title = "From head · Luma"}));
    assert_int_equal(r.kind, PAGE_EVENT);
    assert_string_equal(text(&r, FIELD_NAME), "From head");
    assert_string_equal(text(&r, FIELD_LUMA_ID), "evt-xyz");
    assert_string_equal(text(&r, FIELD_URL), "https://luma.com/test-event");
    assert_string_equal(text(&r, FIELD_DESCRIPTION), "Begins like …");
    assert_string_equal(text(&r, FIELD_IMAGE_URL), "https://i.example.com/a?b&c");
    assert_true(r.fields[FIELD_DESCRIPTION].confidence < r.fields[FIELD_NAME].confidence);
    assert_int_equal(r.warnings_count, 2);
    // Nothing but a title.
    r = extract(luma_page_build(arena, (struct luma_page){0}));
    assert_int_equal(r.kind, PAGE_NOT_EVENT);
    // A fragment without a head.
    r = extract(
        slice_from_cstr(arena_printf(arena,
                                     "<script "
                                     "id=__NEXT_DATA__>{\"props\":{\"pageProps\":{\"initialData\":{"
                                     "\"kind\":\"event\",\"data\":%s}}}}</script>",
                                     EVENT)));
    assert_string_equal(text(&r, FIELD_NAME), "From state");
}

// JavaScript that cuts a text in the middle of an emoji leaves half of it.
static void test_half_an_emoji(void **state)
{
    (void)state;
    struct record r = extract(luma_page_build(
        arena, (struct luma_page){.data = "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"A\"},"
                                          "\"calendar\":{\"name\":\"A \\\\ud83d "
                                          "\\ud83d\\ude00 \\ud83d \\uDE00 "
                                          "\\ud83d\\ud83d\\ude00 \\u00e9\\ud83d\"}}"}));
    assert_int_equal(r.warnings_count, 0);
    assert_string_equal(text(&r, FIELD_CALENDAR_NAME), "A \\ud83d 😀 😀 é");
}

static void test_names_without_emoji(void **state)
{
    (void)state;
    struct record r = extract(luma_page_build(
        arena, (struct luma_page){
                   .data = "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"🔥 An 🌐 evening\"}}"}));
    assert_string_equal(text(&r, FIELD_NAME), "An evening");
}

static void test_both_names_of_the_site(void **state)
{
    (void)state;
    struct record r =
        extract(luma_page_build(arena, (struct luma_page){.data = EVENT, .host = "lu.ma"}));
    assert_string_equal(text(&r, FIELD_URL), "https://luma.com/state");
}

static void test_the_address_of_the_fetch(void **state)
{
    (void)state;
    struct record record;
    struct slice page =
        SLICE("<meta property=og:type content=event><meta property=og:title content=Looms>");
    assert_int_equal(
        extract_page(page, SLICE("https://lu.ma/looms?tk=secret"), arena, &record, NULL), ERR_OK);
    assert_int_equal(record.kind, PAGE_EVENT);
    assert_string_equal(text(&record, FIELD_URL), "https://luma.com/looms");
    assert_int_equal(record.fields[FIELD_URL].method, METHOD_RULE);
}

static void test_what_names_tell(void **state)
{
    (void)state;
    static const struct {
        const char *name, *status;
    } cases[] = {
        {"[Cancelled] Looms", "cancelled"},
        {"CANCELLED: Looms", "cancelled"},
        {"(canceled) Looms", "cancelled"},
        {"Looms (Cancelled)", "cancelled"},
        {"Looms - CANCELLED", "cancelled"},
        {"**POSTPONED** Looms", "postponed"},
        {"[Event cancelled] Looms", "cancelled"},
        {"Looms (this event has been cancelled!)", "cancelled"},
        {"Looms (postponed to May)", "postponed"},
        {"[POSTPONED until further notice] Looms", "postponed"},
        {"CANCELLED Looms at night", "cancelled"},
        {"!!CANCELED!! | Looms", "cancelled"},
        {"Cancelled looms and how they were [Cancelled]", "cancelled"},
        {"【中止】Looms", "cancelled"},
        {"Looms（延期）", "postponed"},
        {"[Geannuleerd] Looms", "cancelled"},
        {"Отменено: Looms", "cancelled"},
        {"APLAZADO - Looms", "postponed"},
        {"CANCELLED CULTURE NIGHT", "scheduled"},
        {"The show (postponed careers of weavers)", "scheduled"},
        {"Looms is cancelled", "scheduled"},
        {"Postponed: Looms", "postponed"},
        {"[Postponed] Looms", "postponed"},
        {"Abgesagt – Looms", "cancelled"},
        {"[ANNULÉ] Looms", "cancelled"},
        {"Cancelled", "cancelled"},
        {"Cancelled Culture Night", "scheduled"},
        {"Why we cancelled Looms", "scheduled"},
        {"The (un)cancelled Looms", "scheduled"},
        {"Looms", "scheduled"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(luma_page_build(
            arena,
            (struct luma_page){
                .data = arena_printf(arena, "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"%s\"}}",
                                     cases[i].name)}));
        assert_string_equal(text(&r, FIELD_STATUS), cases[i].status);
        assert_string_equal(text(&r, FIELD_NAME), cases[i].name); // the name itself stays
    }
}

// Where no place is known.
static void test_names_that_say_online(void **state)
{
    (void)state;
    static const struct {
        const char *name, *type;
        int online; // -1: unknown
    } cases[] = {
        {"Looms (online)", "unknown", 1},        {"Webinar: Looms", "unknown", 1},
        {"Looms - virtual event", "", 1},        {"[Zoom] Looms", "", 1},
        {"Looms | Virtual Workshop", "", 1},     {"Looms (online)", "offline", 0},
        {"Online privacy and looms", "", -1},    {"Looms", "", -1},
        {"Virtual reality (for looms)", "", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct record r = extract(luma_page_build(
            arena, (struct luma_page){
                       .data = arena_printf(arena,
                                            "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"%s\","
                                            "\"location_type\":\"%s\"}}",
                                            cases[i].name, cases[i].type)}));
        assert_int_equal(record_has(&r, FIELD_IS_ONLINE) ? r.fields[FIELD_IS_ONLINE].flag : -1,
                         cases[i].online);
    }
}

static void test_an_event_without_a_name_is_none(void **state)
{
    (void)state;
    struct record r = extract(SLICE(
        "<script "
        "id=__NEXT_DATA__>{\"props\":{\"pageProps\":{\"initialData\":{\"kind\":\"event\",\"data\":"
        "{\"event\":{\"api_id\":\"evt-a\",\"name\":\" \\u200b\\u0000 \"}}}}}}</script>"));
    assert_int_equal(r.kind, PAGE_NOT_EVENT);
    assert_int_equal(r.warnings_count, 1);
}

// The answer must be JSON that PostgreSQL can store, whatever the page was.
static void check_answer(const struct record *record)
{
    struct buffer out;
    yyjson_val *root;
    buffer_init(&out, 8 * 1024 * 1024);
    record_render(record, &out);
    assert_false(out.overflow);
    assert_true(unicode_is_valid(buffer_slice(&out)));
    assert_int_equal(slice_find(buffer_slice(&out), SLICE("\\u0000")), SIZE_MAX);
    assert_int_equal(json_parse(arena, buffer_slice(&out), &root, NULL), ERR_OK);
    assert_non_null(json_get(root, "kind"));
    buffer_done(&out);
}

static void test_hostile_pages(void **state)
{
    (void)state;
    const struct slice pages[] = {
        SLICE(""),
        SLICE("\0\0\0"),
        SLICE("\xff\xfe<\0h\0t\0m\0l\0>\0"),
        SLICE("<script id=__NEXT_DATA__>"),
        SLICE("<script id=__NEXT_DATA__></script>"),
        SLICE("<script id=__NEXT_DATA__>null</script>"),
        SLICE("<script id=__NEXT_DATA__>{\"props\":[{\"pageProps\":1}]}</script>"),
        SLICE("<script "
              "id=__NEXT_DATA__>{\"props\":{\"pageProps\":{\"initialData\":{\"kind\":\"event\","
              "\"data\":{\"event\":{\"name\":\"\xff\xc0\","
              "\"api_id\":[],\"start_at\":{},\"end_at\":[],\"timezone\":7,\"url\":null},\"hosts\":{"
              "\"0\":{}},\"calendar\":[],\"categories\":7,"
              "\"ticket_types\":\"x\",\"description_mirror\":[[[]]]}}}}}</script>"),
        SLICE("<script "
              "id=__NEXT_DATA__>{\"props\":{\"pageProps\":{\"initialData\":{\"kind\":\"event\","
              "\"data\":{\"event\":{\"name\":"
              "\"a\\u0000b\\ud83d\\ude00\",\"api_id\":\"evt-\\u0000\",\"url\":\"a\\u0000b\","
              "\"timezone\":\"Asia/\\u0000\",\"start_at\":"
              "\"2026-01-01\\u0000\"},\"hosts\":[{\"name\":\"x\\u0000y\",\"bio_short\":\"\\u0000\","
              "\"website\":\"https://a.b/\\u0000\","
              "\"linkedin_handle\":\"/in/\\u0000\",\"api_id\":\"usr-\\u0000\"}]}}}}}</script>"),
    };
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        struct record r = extract(pages[i]);
        check_answer(&r);
        arena_reset(arena);
    }
}

static void append_many(struct buffer *out, const char *piece, size_t bytes)
{
    for (size_t end = out->len + bytes; out->len < end;)
        buffer_append_cstr(out, piece);
}

static void test_huge_pages(void **state)
{
    (void)state;
    static const char next[] = "<script id=__NEXT_DATA__>",
                      ld[] = "<script type=application/ld+json>";
    static const struct {
        const char *start, *piece;
        size_t bytes;
    } cases[] = {
        {next, "[", 3 * 1024 * 1024},
        {next, "{\"a\":", 3 * 1024 * 1024},
        {"<script id=__NEXT_DATA__>[", "0,", 3 * 1024 * 1024},
        {"<script id=__NEXT_DATA__>[", "{},", 5 * 1024 * 1024}, // larger than a block may be
        {ld, "[", 3 * 1024 * 1024},
        {ld, "[{\"@type\":\"Event\",\"location\":", 3 * 1024 * 1024},
        {"", "<script type=application/ld+json>{\"@type\":\"Event\",\"name\":\"a\"}</script>",
         10 * 1024 * 1024},
        {"", "<meta property=og:title content='&amp;&lt;'>", 10 * 1024 * 1024},
        {"<title>", "&#x1F600;", 10 * 1024 * 1024},
        {"", "<", 10 * 1024 * 1024},
        {"", "\xff", 10 * 1024 * 1024},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out;
        buffer_init(&out, EXTRACT_MAX_PAGE);
        buffer_append_cstr(&out, cases[i].start);
        append_many(&out, cases[i].piece, cases[i].bytes);
        struct record r = extract(buffer_slice(&out));
        check_answer(&r);
        assert_in_range(arena_used(arena), 1, EXTRACT_ARENA_BYTES / 4 * 3);
        arena_reset(arena);
        buffer_done(&out);
    }
}

// Two blocks as large as they may be, of the smallest values there are, broken at their very ends
// so that both are tried twice, and a text that grows when it is normalised: what costs most
// memory.
static void test_the_costliest_page(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, EXTRACT_MAX_PAGE);
    for (int block = 0; block < 2; block++) {
        buffer_append_cstr(&out, block ? "<script type=application/ld+json>["
                                       : "<script id=__NEXT_DATA__>[");
        append_many(&out, "0,", 4 * 1024 * 1024 - 64);
        buffer_append_cstr(&out, "\"\\ud800\",</script>");
    }
    buffer_append_cstr(&out, "<link rel=canonical href=https://luma.com/x><title>");
    append_many(&out, "e\u0301", 3 * 1024 * 1024);
    struct record r = extract(buffer_slice(&out));
    assert_int_equal(r.kind, PAGE_NOT_EVENT);
    assert_int_equal(r.warnings_count, 2);
    assert_in_range(arena_used(arena), 1, EXTRACT_ARENA_BYTES / 4 * 3);
    arena_reset(arena);
    buffer_done(&out);
}

// One string of all the block, wherever one is read.
static void test_strings_without_end(void **state)
{
    (void)state;
    static const struct {
        const char *opening, *closing;
    } starts[] = {
        {"{\"event\":{\"api_id\":\"evt-a\",\"name\":\"", "}}"},
        {"{\"event\":{\"api_id\":\"evt-a\"},\"calendar\":{\"name\":\"", "}}"},
        {"{\"event\":{\"api_id\":\"evt-a\"},\"hosts\":[{\"name\":\"a\",\"bio_short\":\"", "}]}"},
        {"{\"event\":{\"api_id\":\"evt-a\"},\"hosts\":[{\"name\":\"a\",\"website\":\"https://"
         "a.example/",
         "}]}"},
        {"{\"event\":{\"api_id\":\"evt-a\"},\"hosts\":[{\"name\":\"", "}]}"},
        {"{\"event\":{\"geo_address_info\":{\"type\":\"google\",\"address\":\"", "}}}"},
        {"{\"event\":{\"timezone\":\"Asia/", "}}"},
        {"{\"event\":{\"url\":\"", "}}"},
        {"{\"event\":{},\"categories\":[{\"name\":\"", "}]}"},
    };
    struct buffer out;
    buffer_init(&out, EXTRACT_MAX_PAGE);
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        buffer_clear(&out);
        buffer_printf(&out,
                      "<script id=__NEXT_DATA__>{\"props\":{\"pageProps\":{\"initialData\":"
                      "{\"kind\":\"event\",\"data\":%s",
                      starts[i].opening);
        append_many(&out, "a (e\u0301) @ ", 4 * 1024 * 1024 - 1024);
        buffer_append_char(&out, '"');
        buffer_append_cstr(&out, starts[i].closing);
        buffer_append_cstr(&out, "}}}}</script>");
        struct record r = extract(buffer_slice(&out));
        assert_in_range(arena_used(arena), 1, EXTRACT_ARENA_BYTES / 4);
        check_answer(&r);
        arena_reset(arena);
    }
    buffer_done(&out);
}

static void test_pages_over_the_maximum(void **state)
{
    (void)state;
    struct record record;
    struct error error = {0};
    static char page[EXTRACT_MAX_PAGE + 1];
    assert_int_equal(
        extract_page((struct slice){page, sizeof page}, (struct slice){0}, arena, &record, &error),
        ERR_PAGE_TOO_LARGE);
    assert_int_equal(error.code, ERR_PAGE_TOO_LARGE);
}

// Bytes of a good page changed at random: never a crash, always an answer.
static void test_damaged_pages(void **state)
{
    (void)state;
    struct slice good = arena_slice(
        arena, luma_page_build(arena, (struct luma_page){.data = EVENT, .json_ld = LD}));
    char *page = malloc(good.len);
    char *original = malloc(good.len);
    memcpy(original, good.ptr, good.len);
    unsigned seed = 5;
    for (int round = 0; round < 3000; round++) {
        arena_reset(arena);
        memcpy(page, original, good.len);
        for (int i = 0; i < 3; i++) {
            seed = seed * 1103515245u + 12345u;
            page[(seed >> 8) % good.len] = "\"{}[]<>/\\\0\xff,:0a"[seed % 16];
        }
        struct record r =
            extract((struct slice){page, good.len - (size_t)round % 7 * (good.len / 7)});
        check_answer(&r);
    }
    free(page);
    free(original);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_order_of_trust),
        cmocka_unit_test(test_fallbacks),
        cmocka_unit_test(test_half_an_emoji),
        cmocka_unit_test(test_names_without_emoji),
        cmocka_unit_test(test_both_names_of_the_site),
        cmocka_unit_test(test_the_address_of_the_fetch),
        cmocka_unit_test(test_what_names_tell),
        cmocka_unit_test(test_names_that_say_online),
        cmocka_unit_test(test_an_event_without_a_name_is_none),
        cmocka_unit_test(test_hostile_pages),
        cmocka_unit_test(test_huge_pages),
        cmocka_unit_test(test_the_costliest_page),
        cmocka_unit_test(test_strings_without_end),
        cmocka_unit_test(test_pages_over_the_maximum),
        cmocka_unit_test(test_damaged_pages),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
