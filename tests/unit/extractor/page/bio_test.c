#include "extractor/page/bio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_positions(void **state)
{
    (void)state;
    static const struct {
        const char *bio, *title, *company;
    } cases[] = {
        {"Co-founder & CEO | Engine AI", "Co-founder & CEO", "Engine AI"},
        {"Partner @ Engines", "Partner", "Engines"},
        {"Head of Research at engines.ai", "Head of Research", "engines.ai"},
        {"Engineering @ engines.ai\nshe/her", "Engineering", "engines.ai"},
        {"CEO of Acme", "CEO", "Acme"},
        {"Co-Founder of Acme.", "Co-Founder", "Acme"},
        {"Head of Research", "Head of Research", NULL},
        {"Head of AI", "Head of AI", NULL},
        {"Head of Community, Engine Alliance (Acme)", "Head of Community", "Engine Alliance"},
        {"Chair, Open Engines at Acme\nArchitect, Looms", "Chair, Open Engines", "Acme"},
        {"Co-founder engines.ai | Connector | Advisor", "Co-founder", "engines.ai"},
        {"Founder @ Engines, CEO @ Looms", "Founder", "Engines"},
        {"Founder @ The Acme • CEO @ Looms", "Founder", "The Acme"},
        {"Developer Advocate", "Developer Advocate", NULL},
        {"🚀 Founder at Acme 🚀", "Founder", "Acme"},
        {"Founder, investor, dad", "Founder", NULL},
        // What begins with no position says nothing certain.
        {"Engines Collective Leadership Team | Looms Business Fellow", NULL, NULL},
        {"Founder https://example.com", NULL, NULL},
        {"Growing the loom talent pool in Asia", NULL, NULL},
        {"Meet me at Acme", NULL, NULL},
        {"We power the loom economy", NULL, NULL},
        {"Partner @ ", "Partner", NULL},
        {"| |", NULL, NULL},
        {"@", NULL, NULL},
        {"", NULL, NULL},
    };
    struct arena *arena = arena_new(16 * 1024 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bio_position got = bio_read_position(arena, slice_from_cstr(cases[i].bio));
        assert_string_equal(arena_cstr(arena, got.title), cases[i].title ? cases[i].title : "");
        assert_string_equal(arena_cstr(arena, got.company),
                            cases[i].company ? cases[i].company : "");
    }
    assert_null(bio_read_position(arena, (struct slice){0}).title.ptr);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_positions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
