#include "lib/text/names.h"

#include "lib/text/name_words.h"
#include "lib/text/unicode.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct text_case {
    const char *in, *out;
};

static void check(struct slice (*function)(struct arena *, struct slice),
                  const struct text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_string_equal(arena_cstr(arena, function(arena, slice_from_cstr(cases[i].in))),
                            cases[i].out);
}

static void test_normalize(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"Ada Lovelace", "ada lovelace"},
        {"  ADA\u00a0 LOVELACE ", "ada lovelace"},
        {"Zoë O'Brien 🎤 (she/her)", "zoe obrien"},
        {"Zoe\u0308 O’Brien", "zoe obrien"},
        {"J. R. R. Tolkien, PhD", "j r r tolkien phd"},
        {"Jean-Luc Picard", "jeanluc picard"},
        {"Acme & Sons", "acme sons"},
        {"[they/them] Sam Doe", "sam doe"},
        {"Sam Doe he/him", "sam doe"},
        {"Acme.ai", "acmeai"},
        {"東京 太郎", "東京 太郎"},
        {"हिन्दी", "हिन्दी"},
        {"Иван Петров", "иван петров"},
        {"snake_case", "snakecase"},
        {"C++", "c"},
        {"+++", "+++"}, // nothing else to go by
        {"🔥", "🔥"},
        {"", ""},
        {" \u200b ", ""},
    };
    check(name_normalize, cases, ARRAY_LEN(cases));
    assert_null(name_normalize(arena, (struct slice){0}).ptr);
}

static void test_clean(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {" Ada\nLovelace 👩\u200d💻", "Ada Lovelace"},
        {"Sam Doe (he/him/his)", "Sam Doe"},
        {"Sam Doe (Acme)", "Sam Doe (Acme)"},
        {"AC/DC", "AC/DC"},
        {"TCP/IP he/him", "TCP/IP"},
        {"(she/her)", "(she/her)"},
        {"🔥", "🔥"},
    };
    check(name_clean, cases, ARRAY_LEN(cases));
}

static void test_split_person(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *name, *title, *company;
        bool surely;
    } cases[] = {
        {"Ada Lovelace", "Ada Lovelace", NULL, NULL, false},
        {"Ada Lovelace (Engine AI)", "Ada Lovelace", NULL, "Engine AI", false},
        {"Ada (Engines)", "Ada", NULL, "Engines", false},
        {"Ada Lovelace (Countess)", "Ada Lovelace", NULL, NULL,
         false}, // may be another form of the name
        {"Augusta (Ada) King", "Augusta King", NULL, NULL, false},
        {"Augusta \"Ada\" King", "Augusta King", NULL, NULL, false},
        {"Augusta “Ada” King", "Augusta King", NULL, NULL, false},
        {"Ada Lovelace @ Engines", "Ada Lovelace", NULL, "Engines", false},
        {"Ada @Engines", "Ada", NULL, "Engines", false},
        {"Ada Founder @ Engine.Studio", "Ada", "Founder", "Engine.Studio", false},
        {"Ada, Engines", "Ada", NULL, "Engines", false},
        {"Ada Lovelace, Co-Founder & CTO, Engines", "Ada Lovelace", "Co-Founder & CTO", "Engines",
         false},
        {"Ada Lovelace, MD", "Ada Lovelace", NULL, NULL, true},
        {"Ada Lovelace, Ph.D.", "Ada Lovelace", NULL, NULL, true},
        {"Ada Lovelace PhD", "Ada Lovelace", NULL, NULL, true},
        {"Dr. Ada Lovelace", "Ada Lovelace", NULL, NULL, true},
        {"Prof Dr Ada Lovelace", "Ada Lovelace", NULL, NULL, true},
        {"Ada Lovelace (she/her)", "Ada Lovelace", NULL, NULL, true},
        {"Ada Lovelace / Engine Ventures", "Ada Lovelace", NULL, "Engine Ventures", false},
        {"Engine Ventures / Ada Lovelace", "Ada Lovelace", NULL, "Engine Ventures", false},
        {"Ada Lovelace | Head of Research", "Ada Lovelace", "Head of Research", NULL, false},
        {"Engine Labs / Data Club", "Engine Labs / Data Club", NULL, NULL, false},
        {"Élodie LOVELACE", "Élodie Lovelace", NULL, NULL, false},
        {"ÉLODIE O'BRIEN-SMITH", "Élodie O'Brien-Smith", NULL, NULL, false},
        {"AJ Brown", "AJ Brown", NULL, NULL, false},
        {"Henry VIII", "Henry VIII", NULL, NULL, false},
        {"rcrc", "rcrc", NULL, NULL, false},
        {"MOSA", "MOSA", NULL, NULL, false},
        {"Ma Ms", "Ma Ms", NULL, NULL, false},
        {"Zuzana Křížová 🚀", "Zuzana Křížová", NULL, NULL, false},
        {"@handle", "@handle", NULL, NULL, false},
        {"(", "(", NULL, NULL, false},
        {"", "", NULL, NULL, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct person_name got = name_split_person(arena, slice_from_cstr(cases[i].raw));
        assert_string_equal(arena_cstr(arena, got.name), cases[i].name);
        assert_string_equal(arena_cstr(arena, got.title), cases[i].title ? cases[i].title : "");
        assert_string_equal(arena_cstr(arena, got.company),
                            cases[i].company ? cases[i].company : "");
        assert_int_equal(got.is_surely_person, cases[i].surely);
    }
}

static void test_company(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"Acme", "Acme"},
        {"Acme Events", "Acme"},
        {"Acme Events Calendar", "Acme"},
        {"Acme Team", "Acme"},
        {"Team Acme", "Acme"},
        {"Acme VC", "Acme"},
        {"AI Events", "AI Events"}, // nothing would be left to know it by
        {"The SF Events", "The SF Events"},
        {"Acme - rooms for engines", "Acme"},
        {"Acme, Inc. | San Francisco Lab", "Acme, Inc."},
        {"SF - Acme", "SF - Acme"},
        {"acme (where looms meet engines)", "acme"},
        {"[SF] Engine Builders", "Engine Builders"},
        {"Community events by Acme", "Acme"},
        {"Books by Ada", "Books by Ada"},
        {"Elm St. Rooms Community Dinners & Events", "Elm St. Rooms"},
        {"Looms in the park 📚", "Looms in the park"},
        {"Looms & Engines", "Looms & Engines"},
        {"Events", "Events"},
        {"", ""},
    };
    check(name_clean_company, cases, ARRAY_LEN(cases));
}

static void test_company_key(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"Acme", "acme"},     {"Acme.ai", "acme"},        {"Acme Events", "acme"},
        {"The Acme", "acme"}, {"Acme, Inc.", "acme"},     {"ACME GmbH", "acme"},
        {"Acme com", "acme"}, {"Acme Labs", "acme labs"}, {"Inc", "inc"},
        {"The", "the"},       {"Ácmè", "acme"},           {"", ""},
    };
    check(name_company_key, cases, ARRAY_LEN(cases));
}

static void test_titles(void **state)
{
    (void)state;
    static const char *const yes[] = {"Founder",          "Co-founder & CEO",
                                      "Head of Research", "Developer Advocate",
                                      "VP, Engineering",  "Senior Software Engineer"};
    static const char *const no[] = {"Acme", "Ada Lovelace", "Head of Acme", "of the", ""};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(name_is_title(arena, slice_from_cstr(yes[i])));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(name_is_title(arena, slice_from_cstr(no[i])));
    assert_true(name_has_title_word(arena, SLICE("Head of Acme")));
    assert_true(name_has_company_word(arena, SLICE("Engine LABS.")));
    assert_false(name_has_company_word(arena, SLICE("Ada Lovelace")));
}

static void test_word_lists_are_sorted(void **state)
{
    (void)state;
    for (enum name_list list = 0; list < NAME_LIST_COUNT; list++)
        for (size_t i = 0; name_list_word(list, i); i++) {
            const char *word = name_list_word(list, i);
            assert_true(i == 0 || strcmp(name_list_word(list, i - 1), word) < 0);
            assert_true(name_list_has(arena, list, slice_from_cstr(word))); // so it is folded too
        }
}

static void test_any_bytes(void **state)
{
    (void)state;
    static const char alphabet[] = "ab C()[]@/|,.\"' -&\xe2\x80\x9c\xf0\x9f\xff\0";
    unsigned seed = 11;
    for (int round = 0; round < 5000; round++) {
        char bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1103515245u + 12345u;
            bytes[i] = alphabet[(seed >> 16) % (sizeof alphabet)];
        }
        struct slice text = {bytes, (size_t)(round % 40)};
        struct person_name person = name_split_person(arena, text);
        const struct slice results[] = {name_normalize(arena, text),
                                        name_clean(arena, text),
                                        name_clean_company(arena, text),
                                        name_company_key(arena, text),
                                        person.name,
                                        person.company,
                                        person.title};
        for (size_t i = 0; i < ARRAY_LEN(results); i++) {
            assert_true(unicode_is_valid(results[i]));
            assert_true(results[i].len == 0 || !memchr(results[i].ptr, '\0', results[i].len));
        }
        arena_reset(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normalize),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_split_person),
        cmocka_unit_test(test_company),
        cmocka_unit_test(test_company_key),
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_word_lists_are_sorted),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
