#include "extractor/llm/gaps.h"

#include "extractor/llm/record_json.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PERSON(name, role, confidence) \
    "{\"name\":\"" name "\",\"role\":\"" role "\",\"confidence\":" confidence "}"
#define COMPANY(name, relation, confidence) \
    "{\"name\":\"" name "\",\"relationship_type\":\"" relation "\",\"confidence\":" confidence "}"
#define LONG                                                                                     \
    "An evening about looms that reckon, for everybody who has ever wound a bobbin and asked "   \
    "what "                                                                                      \
    "it could count. Bring a notebook and an open mind; the room is warm, and there is tea for " \
    "all of us as long as it lasts.\n\n"
#define KNOWN_TIME "\"starts_at\":\"2031-03-12T18:00:00Z\",\"date\":\"2031-03-12\","
#define COMPLETE KNOWN_TIME "\"city\":\"Quayside\",\"venue\":\"The Loom Hall\",\"is_online\":false"

static const struct {
    const char *what;
    struct record_json record;
    unsigned wants;
} rows[] = {
    {"a plain event", {.description = LONG, .event = COMPLETE}, 0},
    {"a label with names, nobody found",
     {.description = LONG "Speakers\n- Margaret Hamilton\n- Katherine Johnson", .event = COMPLETE},
     LLM_WANT_PEOPLE},
    {"in one line",
     {.description = LONG "Judges: Margaret Hamilton and others", .event = COMPLETE},
     LLM_WANT_PEOPLE},
    {"too short a description for a line-up",
     {.description = "Speakers\n- Margaret Hamilton", .event = COMPLETE},
     0},
    {"a label without names",
     {.description = LONG "Speakers: TBA\n\nAgenda\nwe talk", .event = COMPLETE},
     0},
    {"found with confidence",
     {.description = LONG "Speakers\n- Margaret Hamilton",
      .event = COMPLETE,
      .speakers = PERSON("Margaret Hamilton", "speaker", "0.9")},
     0},
    {"found without much confidence",
     {.description = LONG "Speakers\n- Margaret Hamilton",
      .event = COMPLETE,
      .speakers = PERSON("Margaret Hamilton", "speaker", "0.7")},
     LLM_WANT_PEOPLE},
    {"panelists of a panel are its speakers",
     {.description = LONG "Speakers\n- Margaret Hamilton",
      .event = COMPLETE,
      .speakers = PERSON("Margaret Hamilton", "panelist", "0.8")},
     0},
    {"other roles are not",
     {.description = LONG "Judges\n- Margaret Hamilton",
      .event = COMPLETE,
      .speakers = PERSON("Katherine Johnson", "speaker", "0.9")},
     LLM_WANT_PEOPLE},
    {"hosts are known from the page's data",
     {.description = LONG "Hosts\n- Margaret Hamilton", .event = COMPLETE},
     0},
    {"names without a label",
     {.description = LONG "A talk of Margaret Hamilton and, later on, of Katherine Johnson.",
      .event = COMPLETE},
     LLM_WANT_PEOPLE},
    {"one alone may be a street",
     {.description = LONG "A talk of Margaret Hamilton.", .event = COMPLETE},
     0},
    {"names of the hosts",
     {.description = LONG "Yours, Margaret Hamilton and Katherine Johnson.",
      .event = COMPLETE,
      .speakers = PERSON("Margaret Hamilton", "host", "0.98") "," PERSON("Katherine Johnson",
                                                                         "host", "0.98")},
     0},
    {"names beside people who were found",
     {.description = LONG "A talk of Margaret Hamilton and, later on, of Katherine Johnson.",
      .event = COMPLETE,
      .speakers = PERSON("Ada Byron", "speaker", "0.8")},
     0},
    {"sponsors",
     {.description = LONG "Sponsors\n- Loom Labs\n- Cards", .event = COMPLETE},
     LLM_WANT_COMPANIES},
    {"sponsors that were found",
     {.description = LONG "Sponsors\n- Loom Labs",
      .event = COMPLETE,
      .companies = COMPANY("Loom Labs", "sponsor", "0.8")},
     0},
    {"no start, and a year",
     {.description = LONG "Come on 12 March 2031.", .event = "\"city\":\"X\""},
     LLM_WANT_START},
    {"no start, and no year",
     {.description = LONG "Come on Friday.", .event = "\"city\":\"X\""},
     0},
    {"a start, and a year", {.description = LONG "Since 2029.", .event = COMPLETE}, 0},
    {"no place, and a label of one",
     {.description = "Where: The Loom Hall", .event = KNOWN_TIME "\"city\":null,\"venue\":null"},
     LLM_WANT_PLACE},
    {"no place, no label", {.description = LONG, .event = KNOWN_TIME "\"city\":null"}, 0},
    {"online",
     {.description = "Where: The Loom Hall", .event = KNOWN_TIME "\"is_online\":true"},
     0},
    {"a venue", {.description = "Where: The Loom Hall", .event = KNOWN_TIME "\"venue\":\"X\""}, 0},
};

static void what_is_missing_is_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct llm_page page;
        assert_true(llm_page_read(arena, record_json_build(arena, rows[i].record), &page));
        unsigned wants = llm_wants(&page);
        if (wants != rows[i].wants)
            fail_msg("%s: %x and not %x", rows[i].what, wants, rows[i].wants);
    }
}

static void only_events_with_a_description_are_asked_about(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "[]",
        "{",
        "{\"kind\":\"calendar\"}",
        "{\"kind\":\"event\",\"event\":null}",
        "{\"kind\":\"event\",\"event\":{\"name\":\"A\",\"description\":null}}",
        "{\"kind\":\"event\",\"event\":{\"name\":\"A\",\"description\":7}}"};
    struct llm_page page;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(llm_page_read(arena, slice_from_cstr(others[i]), &page));
}

static void a_long_text_is_cut_at_a_line(void **state)
{
    (void)state;
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, (size_t)1024 * 1024);
    while (text.len < 2 * LLM_MAX_TEXT)
        buffer_append_cstr(&text, "a line of words that says nothing at all\n");
    struct llm_page page;
    assert_true(llm_page_read(
        arena, record_json_build(arena, (struct record_json){.description = text.ptr}), &page));
    assert_true(page.text.len <= LLM_MAX_TEXT && page.text.len > LLM_MAX_TEXT - 100);
    assert_true(slice_ends_with(page.text, SLICE("nothing at all")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_is_asked_for),
        cmocka_unit_test(only_events_with_a_description_are_asked_about),
        cmocka_unit_test(a_long_text_is_cut_at_a_line),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
