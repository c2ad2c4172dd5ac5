#include "extractor/page/host_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct host_case {
    const char *name, *linkedin, *bio, *website;
    bool is_company;
};

static const struct host_context CONTEXT = {
    .calendar_name = {"Bay Area Looms and EngineDuck Meetups", 37},
    .calendar_key = {"bay area looms and engineduck meetups", 37},
    .event_name = {"Zembla x Acme: Looms Night", 26},
    .venue_key = {"engine house hall", 17},
};

static struct host_verdict judge(struct arena *arena, const struct host_case *c)
{
    struct host host = {.raw = slice_from_cstr(c->name),
                        .name = name_split_person(arena, slice_from_cstr(c->name)),
                        .key = name_company_key(arena, slice_from_cstr(c->name)),
                        .bio = slice_from_cstr(c->bio),
                        .position = bio_read_position(arena, slice_from_cstr(c->bio)),
                        .linkedin = slice_from_cstr(c->linkedin),
                        .website = slice_from_cstr(c->website)};
    return host_judge(arena, &host, &CONTEXT);
}

static void test_judgements(void **state)
{
    (void)state;
    static const struct host_case cases[] = {
        {"Ada Lovelace", NULL, NULL, NULL, false},
        {"Ada", NULL, NULL, NULL, false},
        {"ada", NULL, NULL, NULL, false},
        {"Ada Lovelace", "/in/ada", "Founder of Engine Labs", NULL, false},
        {"Acme", "/company/acme", NULL, NULL, true},
        {"Springfield", "/school/springfield", NULL, NULL, true},
        {"Engine Labs", NULL, NULL, NULL, true},
        {"Engine Events", NULL, NULL, NULL, true},
        {"The Engine Collective", NULL, NULL, NULL, true},
        {"Friends of Engines", NULL, NULL, NULL, true},
        {"Looms & Engines", NULL, NULL, NULL, true},
        {"engines.ai", NULL, NULL, NULL, true},
        {"EngineDuck", NULL, NULL, NULL, true},
        {"ACME", NULL, NULL, NULL, true},
        {"AJ", NULL, NULL, NULL, false},
        {"Engine 45", NULL, NULL, NULL, true},
        {"Big Engine SF", NULL, NULL, NULL, true},
        {"Zembla", NULL, NULL, NULL, true},            // stands in the event's name
        {"Engine House Hall", NULL, NULL, NULL, true}, // is the venue
        {"Acme-Software", NULL, NULL, NULL, true},
        {"Ada McByron", NULL, NULL, NULL, false},
        {"Ada Byron (Engine Labs)", NULL, NULL, NULL, false},
        {"Ada Byron @ Engines", NULL, NULL, NULL, false},
        {"Ada Club (she/her)", NULL, NULL, NULL, false},
        {"Zoomly", NULL, "We build the future of looms. Join us!", "https://zoomly.com", true},
        {"Ada Byron", NULL, NULL, "https://adabyron.com", false},
        {"Engine Ventures", "/in/ada", NULL, NULL, false}, // the profile of a person says more
    };
    struct arena *arena = arena_new(16 * 1024 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct host_verdict verdict = judge(arena, &cases[i]);
        if (verdict.is_company != cases[i].is_company)
            fail_msg("%s", cases[i].name);
        assert_true(verdict.confidence >= 0.7 && verdict.confidence <= 0.95);
    }
    arena_free(arena);
}

static void test_confidence_follows_the_signs(void **state)
{
    (void)state;
    struct arena *arena = arena_new(16 * 1024 * 1024);
    const struct host_case bare = {"Ada", NULL, NULL, NULL, false},
                           usual = {"Ada Lovelace", NULL, NULL, NULL, false},
                           proven = {"Ada Lovelace", "/in/ada", NULL, NULL, false};
    assert_true(judge(arena, &bare).confidence < judge(arena, &usual).confidence);
    assert_true(judge(arena, &usual).confidence < judge(arena, &proven).confidence);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judgements),
        cmocka_unit_test(test_confidence_follows_the_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
