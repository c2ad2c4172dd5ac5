#include "extractor/llm/check.h"

#include "extractor/llm/record_json.h"
#include "lib/text/dates.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct llm_page page;

static int setup(void **state)
{
    arena_setup(state);
    const struct record_json record = {
        .name = "Looms that reckon",
        .description = "With MARGARET HAMILTON, Engines Guild, and Zoë O'Brien's cards.\n"
                       "Ada, Byron and Katherine Johnson. Speakers are welcome, our CEO too\n"
                       "講者：王小明老師\n"
                       "Loom Labs pays; the mill is warm. Quayside 12 March 2031 at 6:30 pm, "
                       "04/05/2031, 2031-04-05, 25/05/2031\n"
                       "Ada Byron is here",
        .event = "\"timezone\":\"Europe/London\"",
        .speakers = "{\"name\":\"Katherine Johnson\",\"role\":\"host\"},"
                    "{\"name\":\"Ada Byron\",\"role\":\"judge\"}",
        .companies = "{\"name\":\"Cards Inc.\",\"relationship_type\":\"partner\"}",
    };
    assert_true(llm_page_read(arena, record_json_build(arena, record), &page));
    return 0;
}

static void people_must_stand_on_the_page(void **state)
{
    (void)state;
    static const struct {
        const char *name, *role;
        enum llm_verdict verdict;
    } rows[] = {
        {"Margaret Hamilton", "speaker", LLM_ACCEPTED},
        {"zoe o'brien", "speaker", LLM_IMPLAUSIBLE}, // not written like a name
        {"Zoe O'Brien", "mentor", LLM_ACCEPTED},     // accents and a genitive
        {"王小明", "speaker", LLM_ACCEPTED},
        {"Grace Hopper", "speaker", LLM_NOT_ON_PAGE},
        {"Margaret Hamilton Engines", "speaker", LLM_NOT_ON_PAGE}, // a comma stands between
        {"Margaret Hamiltons", "speaker", LLM_NOT_ON_PAGE},
        {"Margaret", "speaker", LLM_IMPLAUSIBLE},
        {"Margaret Hamilton", "weaver", LLM_NO_SUCH_KIND},
        {"Margaret Hamilton", "Speaker", LLM_NO_SUCH_KIND},
        {"Katherine Johnson", "speaker", LLM_ACCEPTED}, // a host may speak
        {"Katherine Johnson", "host", LLM_KNOWN},
        {"Ada Byron", "speaker", LLM_KNOWN},
        {"Loom Labs", "speaker", LLM_IMPLAUSIBLE},
        {"Speakers are welcome", "speaker", LLM_IMPLAUSIBLE},
        {"CEO", "speaker", LLM_IMPLAUSIBLE},
        {"12 March", "speaker", LLM_IMPLAUSIBLE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct llm_person person = {.name = slice_from_cstr(rows[i].name),
                                    .role = slice_from_cstr(rows[i].role)};
        struct slice evidence;
        enum llm_verdict verdict = llm_check_person(&page, &person, &evidence);
        if (verdict != rows[i].verdict)
            fail_msg("%s, %s: %s", rows[i].name, rows[i].role, llm_verdict_names[verdict]);
    }
}

static void details_that_are_not_there_are_left_out(void **state)
{
    (void)state;
    struct llm_person person = {.name = SLICE("Margaret Hamilton"),
                                .role = SLICE("speaker"),
                                .title = SLICE("Admiral"),
                                .company = SLICE("Engines Guild")};
    struct slice evidence;
    assert_int_equal(llm_check_person(&page, &person, &evidence), LLM_ACCEPTED);
    assert_int_equal(person.title.len, 0);
    assert_true(slice_equal(person.company, SLICE("Engines Guild")));
    assert_true(slice_starts_with(evidence, SLICE("With MARGARET HAMILTON, Engines Guild")));
}

static void companies_must_stand_on_the_page(void **state)
{
    (void)state;
    static const struct {
        const char *name, *relationship;
        enum llm_verdict verdict;
    } rows[] = {
        {"Loom Labs", "sponsor", LLM_ACCEPTED},    {"Loom Labs", "employer", LLM_NO_SUCH_KIND},
        {"Looms Ltd", "sponsor", LLM_NOT_ON_PAGE}, {"The Mill", "venue", LLM_NOT_ON_PAGE},
        {"pays", "sponsor", LLM_IMPLAUSIBLE},      {"Cards", "sponsor", LLM_NOT_ON_PAGE},
        {"cards", "sponsor", LLM_IMPLAUSIBLE},     {"Looms that reckon", "host", LLM_IMPLAUSIBLE},
        {"2031", "sponsor", LLM_IMPLAUSIBLE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct llm_company company = {slice_from_cstr(rows[i].name),
                                            slice_from_cstr(rows[i].relationship)};
        struct slice evidence;
        enum llm_verdict verdict = llm_check_company(&page, &company, &evidence);
        if (verdict != rows[i].verdict)
            fail_msg("%s, %s: %s", rows[i].name, rows[i].relationship, llm_verdict_names[verdict]);
    }
}

static void a_start_is_said_by_its_quote(void **state)
{
    (void)state;
    static const struct {
        const char *date, *time, *quote;
        enum llm_verdict verdict;
        const char *instant; // "": none
    } rows[] = {
        {"2031-03-12", "18:30", "12 March 2031 at 6:30 pm", LLM_ACCEPTED, "2031-03-12T18:30:00Z"},
        {"2031-03-12", "06:30", "12 March 2031 at 6:30 pm", LLM_ACCEPTED, "2031-03-12T06:30:00Z"},
        {"2031-03-12", "19:00", "12 March 2031 at 6:30 pm", LLM_ACCEPTED, ""},
        {"2031-03-12", "", "12 March 2031", LLM_ACCEPTED, ""},
        {"2031-03-12", "soon", "12 March 2031", LLM_ACCEPTED, ""},
        {"2031-04-12", "", "12 March 2031", LLM_NOT_ON_PAGE, ""},
        {"2031-03-13", "", "12 March 2031", LLM_NOT_ON_PAGE, ""},
        {"2032-03-12", "", "12 March 2031", LLM_NOT_ON_PAGE, ""},
        {"2031-03-12", "", "March 2031", LLM_NOT_ON_PAGE, ""},
        {"2031-04-12", "", "12 April 2031", LLM_NOT_ON_PAGE, ""},
        {"2031-05-04", "", "04/05/2031", LLM_NOT_ON_PAGE, ""}, // or the fifth of April
        {"2031-05-25", "", "25/05/2031", LLM_ACCEPTED, ""},
        {"2031-04-05", "", "2031-04-05", LLM_ACCEPTED, ""},
        {"2031-05-04", "", "2031-04-05", LLM_NOT_ON_PAGE, ""},
        {"12 March 2031", "", "12 March 2031", LLM_IMPLAUSIBLE, ""},
        {"1031-03-12", "", "12 March 2031", LLM_IMPLAUSIBLE, ""},
        {"2031-03-12", "", "", LLM_NOT_ON_PAGE, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct llm_answer answer = {.date = slice_from_cstr(rows[i].date),
                                          .time = slice_from_cstr(rows[i].time),
                                          .quote = slice_from_cstr(rows[i].quote)};
        struct llm_start start;
        char text[INSTANT_TEXT] = "";
        enum llm_verdict verdict = llm_check_start(&page, &answer, &start);
        if (start.has_instant)
            instant_format(start.unix_ms, text);
        if (verdict != rows[i].verdict || strcmp(text, rows[i].instant) != 0)
            fail_msg("%s %s of \"%s\": %s, %s", rows[i].date, rows[i].time, rows[i].quote,
                     llm_verdict_names[verdict], text);
    }
}

static void places_are_named_as_the_page_names_them(void **state)
{
    (void)state;
    assert_int_equal(llm_check_city(&page, SLICE("Quayside")), LLM_ACCEPTED);
    assert_int_equal(llm_check_city(&page, SLICE("Leeds")), LLM_NOT_ON_PAGE);
    assert_int_equal(llm_check_city(&page, SLICE("Quayside 12")), LLM_IMPLAUSIBLE);
    assert_int_equal(llm_check_venue(&page, SLICE("Engines Guild")), LLM_ACCEPTED);
    assert_int_equal(llm_check_venue(&page, SLICE("The Mill")), LLM_NOT_ON_PAGE);
    assert_int_equal(llm_check_venue(&page, SLICE("the mill")), LLM_IMPLAUSIBLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_must_stand_on_the_page),
        cmocka_unit_test(details_that_are_not_there_are_left_out),
        cmocka_unit_test(companies_must_stand_on_the_page),
        cmocka_unit_test(a_start_is_said_by_its_quote),
        cmocka_unit_test(places_are_named_as_the_page_names_them),
    };
    return cmocka_run_group_tests(tests, setup, arena_teardown);
}
