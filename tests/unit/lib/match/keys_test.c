// Keys: whoever the model would merge is found, and few others are.
#include "lib/match/keys.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_FORMS = 1200, MAX_NAME = 128 };

struct forms {
    struct {
        struct slice name, company;
        const struct match_person_form *person;
        const struct match_company_form *firm;
        struct match_key keys[MATCH_MAX_KEYS];
        size_t key_count;
    } items[MAX_FORMS];
    size_t count;
};

static bool share_key(const struct forms *forms, size_t a, size_t b)
{
    for (size_t i = 0; i < forms->items[a].key_count; i++)
        for (size_t j = 0; j < forms->items[b].key_count; j++)
            if (forms->items[a].keys[i].hash == forms->items[b].keys[j].hash)
                return true;
    return false;
}

static void add_person(struct forms *forms, const struct match_person *person)
{
    assert_true(forms->count < MAX_FORMS);
    typeof(&forms->items[0]) item = &forms->items[forms->count++];
    item->name = person->name;
    item->company = person->company;
    item->person = match_person_prepare(arena, person, NULL);
    item->key_count = match_person_keys(item->person, item->keys);
}

static void add_name(struct forms *forms, const char *company, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add_name(struct forms *forms, const char *company, const char *format, ...)
{
    char text[MAX_NAME];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_person(forms, &(struct match_person){.name = arena_slice(arena, slice_from_cstr(text)),
                                             .company = slice_from_cstr(company ? company : "")});
}

static void add_firm(struct forms *forms, const char *name)
{
    assert_true(forms->count < MAX_FORMS);
    typeof(&forms->items[0]) item = &forms->items[forms->count++];
    item->name = slice_from_cstr(name);
    item->firm = match_company_prepare(arena, &(struct match_company){.name = item->name});
    item->key_count = match_company_keys(item->firm, item->keys);
}

// ---- writings

static size_t middle_of_last_word(const char *text)
{
    const char *space = strrchr(text, ' ');
    size_t from = space ? (size_t)(space - text) + 1 : 0;
    return from + strlen(text + from) / 2;
}

// Slips of the hand inside the last word.
static const char *swapped(const char *word)
{
    char *text = arena_strdup(arena, word);
    size_t at = middle_of_last_word(word);
    char letter = text[at];
    text[at] = text[at - 1];
    text[at - 1] = letter;
    return text;
}

static const char *left_out(const char *word)
{
    char *text = arena_strdup(arena, word);
    size_t at = middle_of_last_word(word);
    memmove(text + at, text + at + 1, strlen(text + at));
    return text;
}

// And at its ends.
static const char *first_changed(const char *word)
{
    char *text = arena_strdup(arena, word);
    const char *space = strrchr(text, ' ');
    text[space ? space - text + 1 : 0] = 'H';
    return text;
}

static const char *last_left_out(const char *word)
{
    char *text = arena_strdup(arena, word);
    text[strlen(text) - 1] = '\0';
    return text;
}

static const struct {
    const char *given, *called; // what people of that name are called by, too
} given_names[] = {{"Elizabeth", "Liz"},    {"William", "Bill"},   {"Katherine", "Kate"},
                   {"Alexander", "Sasha"},  {"Margaret", "Peggy"}, {"Quilla", "Quilla"},
                   {"Jean-Luc", "Jeanluc"}, {"Jörn", "Joern"},     {"Robert", "Bob"}};
static const char *const families[] = {"Brandvold",    "Quernstone",    "Traskdorfer",
                                       "Grünbaumer",   "van der Lathe", "O'Skarlwick",
                                       "Møllenthorpe", "de la Ostmere"};

static void add_writings(struct forms *forms, size_t given_at, const char *family)
{
    const char *given = given_names[given_at].given;
    add_name(forms, NULL, "%s %s", given, family);
    add_name(forms, NULL, strchr(family, ' ') ? "%s, %s" : "%s %s", family, given);
    add_name(forms, NULL, "Dr. %s M. %s (she/her)", given, family);
    add_name(forms, NULL, "%s %s", given_names[given_at].called, family);
    add_name(forms, NULL, "%s %s", given, swapped(family));
    add_name(forms, NULL, "%s %s", given, left_out(family));
    add_name(forms, NULL, "%s %s", swapped(given), family);
    add_name(forms, NULL, "%s %s", left_out(given), family);
    add_name(forms, NULL, "Ann %s %s", given, family);
    add_name(forms, "Harbour Lathe", "%s %s", given, family);
    add_name(forms, "Harbour Lathe Inc.", "%c. %s", given[0], family);
    add_name(forms, "harbourlathe.io", "%s %c.", given, family[0]);
    add_name(forms, "Harbour Lathe", "%s", given);
}

// ---- tests

// Ends the test when some who are merged have no key in common; the numbers of pairs.
static void compare_all(const struct forms *forms, size_t *ret_merged, size_t *ret_found)
{
    size_t missed = 0;
    *ret_merged = *ret_found = 0;
    for (size_t i = 0; i < forms->count; i++)
        for (size_t j = i + 1; j < forms->count; j++) {
            struct match_answer answer;
            if (forms->items[i].person)
                match_person_compare(match_model_get(), forms->items[i].person,
                                     forms->items[j].person, &answer);
            else
                match_company_compare(match_model_get(), forms->items[i].firm, forms->items[j].firm,
                                      &answer);
            bool found = share_key(forms, i, j), merged = answer.decision == MATCH_MERGE;
            // A part of a name fits too many, however rare it is: they are not looked for by it alone.
            if (forms->items[i].person && !found &&
                (match_person_is_short(forms->items[i].person) ||
                 match_person_is_short(forms->items[j].person)))
                continue;
            *ret_found += found;
            *ret_merged += merged;
            if (merged && !found && missed++ < 20)
                print_error("no key in common: \"%.*s\" (%.*s) and \"%.*s\" (%.*s), %.2f bits\n",
                            SLICE_FMT(forms->items[i].name), SLICE_FMT(forms->items[i].company),
                            SLICE_FMT(forms->items[j].name), SLICE_FMT(forms->items[j].company),
                            answer.weight);
        }
    assert_int_equal(missed, 0);
}

static void test_people_who_are_merged_share_a_key(void **state)
{
    (void)state;
    struct forms *forms = ARENA_NEW(arena, struct forms);
    size_t merged, found;
    for (size_t i = 0; i < ARRAY_LEN(given_names); i++)
        for (size_t j = 0; j < ARRAY_LEN(families); j++)
            add_writings(forms, i, families[j]);
    compare_all(forms, &merged, &found);
    // Each of the names has dozens of pairs of writings, and most pairs have nothing in common.
    assert_true(merged > 40 * ARRAY_LEN(given_names) * ARRAY_LEN(families));
    assert_true(found < forms->count * (forms->count - 1) / 2 / 5);
}

static void test_a_slip_at_either_end_is_found(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"Quilla", "Brandvold"}, {"Elizabeth", "Quernstone"}, {"Quilla", "Smith"}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct forms *forms = ARENA_NEW(arena, struct forms);
        const char *given = names[i][0], *family = names[i][1];
        bool family_is_rare = i < 2, given_is_rare = i != 1;
        add_name(forms, NULL, "%s %s", given, family);
        add_name(forms, NULL, "%s %s", given, first_changed(family));
        add_name(forms, NULL, "%s %s", given, last_left_out(family));
        add_name(forms, NULL, "%s %s", first_changed(given), family);
        add_name(forms, NULL, "%s %s", last_left_out(given), family);
        // Beside a frequent name a mistyped one decides nothing; its beginning leads to it all the same.
        assert_int_equal(share_key(forms, 0, 1), given_is_rare);
        assert_true(share_key(forms, 0, 2));
        assert_int_equal(share_key(forms, 0, 3), family_is_rare);
        assert_true(share_key(forms, 0, 4));
    }
}

static void test_initials_are_found_by_a_company(void **state)
{
    (void)state;
    static const struct {
        const char *name, *company;
        bool is_found;
    } cases[] = {
        {"Quilla B.", "Harbour Lathe Inc.", true},
        {"Quilla", "harbourlathe.io", true},
        {"Q. Brandvold", "Harbour Lathe", true},
        {"Q. Brandvold", "Looms", true},
        {"Quilla B.", "Looms", true},
        {"Quilla", "", false},
        {"Q.", "Harbour Lathe", false},
    };
    struct forms *forms = ARENA_NEW(arena, struct forms);
    add_name(forms, "Harbour Lathe", "Quilla Brandvold");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        add_name(forms, cases[i].company, "%s", cases[i].name);
        assert_int_equal(share_key(forms, 0, i + 1), cases[i].is_found);
    }
}

// A frequent family name fits half a city: it is looked for with more than an initial.
static void test_a_frequent_family_name(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool is_found;
    } cases[] = {
        {"Elizabeth Smith", "Smith Elizabeth", true},
        {"Elizabeth Smith", "Liz Smith", true},
        {"Elizabeth Smith", "Smith, Beth", true},
        {"Elizabeth Smith", "Elizbeth Smith", true},
        {"Elizabeth Smith", "Ann Elizabeth Smith", true},
        {"Elizabeth Smith", "Elizabeth M. Smith", true},
        {"Joern Smith", "Smith Jörn", true},
        {"Joern Smith", "Ann Jörn Smith", true},
        {"Quilla Smith", "Quilla Simth", true},
        {"Elizabeth Smith", "E. Smith", false},
        {"Elizabeth Smith", "Robert Smith", false},
        {"Elizabeth Smith", "Edward Smith", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct forms *forms = ARENA_NEW(arena, struct forms);
        add_name(forms, NULL, "%s", cases[i].a);
        add_name(forms, NULL, "%s", cases[i].b);
        if (share_key(forms, 0, 1) != cases[i].is_found)
            fail_msg("%s, %s", cases[i].a, cases[i].b);
    }
}

static void test_companies_that_are_merged_share_a_key(void **state)
{
    (void)state;
    static const char *const names[] = {"Harbour Lathe",
                                        "Harbour Lathe Inc.",
                                        "harbourlathe.io",
                                        "HarbourLathe",
                                        "The Harbour Lathe Company",
                                        "Harbour Lathe Technologies",
                                        "HARBOUR LATHE GmbH & Co. KG",
                                        "Harbour Lathe (HLT)",

                                        "Quillbridge",
                                        "Quillbridge Group",
                                        "quillbridge.co.uk",
                                        "Quillbridge Ltd",
                                        "Harbour (Quillbridge)",
                                        "Quill Bridge",
                                        "Saltmarsh Physics Laboratory",
                                        "Saltmarsh Physics Lab",
                                        "SPL",
                                        "International Business Machines",
                                        "IBM",
                                        "IBM Corporation",
                                        "Google",
                                        "Alphabet",
                                        "Meta",
                                        "Facebook",
                                        "Amazon Web Services",
                                        "AWS",
                                        "Österbotten Maskin",
                                        "Oesterbotten Maskin",
                                        "Mercury",
                                        "Mercury Systems",
                                        "Copperfen Robotics, Inc",
                                        "Copperfen",
                                        "Larkspur Foundry",
                                        "larkspur-foundry",
                                        "n/a",
                                        "Freelancer",
                                        "Self-employed"};
    struct forms *forms = ARENA_NEW(arena, struct forms);
    size_t merged, found;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        add_firm(forms, names[i]);
    compare_all(forms, &merged, &found);
    assert_true(merged > 40);
}

static void test_addresses_are_keys(void **state)
{
    (void)state;
    static const char *const addresses[][2] = {
        {"https://www.linkedin.com/in/Quilla/?trk=x", "linkedin.com/in/quilla"},
        {"https://twitter.com/quilla", "https://x.com/Quilla"},
        {"https://github.com/quilla/", "http://www.github.com/quilla"},
        {"https://quilla.example/", "quilla.example"},
    };
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        struct forms *forms = ARENA_NEW(arena, struct forms);
        for (size_t j = 0; j < 2; j++)
            add_person(forms, &(struct match_person){.name = j ? SLICE("Q.") : SLICE("Ben Roe"),
                                                     .links = {slice_from_cstr(addresses[i][j])},
                                                     .link_count = 1});
        assert_true(share_key(forms, 0, 1));
    }
    struct forms *forms = ARENA_NEW(arena, struct forms);
    add_person(forms,
               &(struct match_person){.name = SLICE("Ben Roe"), .email = SLICE("Q@a.example")});
    add_person(forms,
               &(struct match_person){.name = SLICE("Quilla"), .email = SLICE("q@A.example ")});
    add_person(forms,
               &(struct match_person){.name = SLICE("Quilla"), .email = SLICE("b@a.example")});
    assert_true(share_key(forms, 0, 1));
    assert_false(share_key(forms, 0, 2));
}

static void test_placeholders_have_no_keys(void **state)
{
    (void)state;
    static const char *const names[] = {"n/a", "Freelancer", "Self-employed", "", "-"};
    struct forms *forms = ARENA_NEW(arena, struct forms);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        add_firm(forms, names[i]);
        assert_int_equal(forms->items[i].key_count, 0);
    }
    // Nor do people meet in one.
    add_name(forms, "n/a", "Quilla Brandvold");
    add_name(forms, "n/a", "Quilla Quernstone");
    assert_false(share_key(forms, forms->count - 1, forms->count - 2));
}

static void test_keys_are_sorted_unique_and_few(void **state)
{
    (void)state;
    struct forms *forms = ARENA_NEW(arena, struct forms);
    struct match_person person = {
        .name = SLICE("Ana Maria Petronella Quilla von und zu Brandvold Quernstone Ostmere"),
        .company = SLICE("Harbour Lathe"),
        .email = SLICE("q@a.example")};
    while (person.link_count < MATCH_MAX_LINKS)
        person.links[person.link_count] =
            slice_from_cstr(arena_printf(arena, "https://site%zu.example/q", person.link_count)),
        person.link_count++;
    add_person(forms, &person);
    add_person(forms, &person);
    assert_true(forms->items[0].key_count > MATCH_MAX_LINKS);
    assert_true(forms->items[0].key_count <= MATCH_MAX_KEYS);
    assert_memory_equal(forms->items[0].keys, forms->items[1].keys,
                        forms->items[0].key_count * sizeof(struct match_key));
    for (size_t i = 1; i < forms->items[0].key_count; i++)
        assert_true(forms->items[0].keys[i - 1].hash < forms->items[0].keys[i].hash);
    for (size_t i = 0; i < forms->items[0].key_count; i++)
        assert_true(forms->items[0].keys[i].weight > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people_who_are_merged_share_a_key),
        cmocka_unit_test(test_a_slip_at_either_end_is_found),
        cmocka_unit_test(test_initials_are_found_by_a_company),
        cmocka_unit_test(test_a_frequent_family_name),
        cmocka_unit_test(test_companies_that_are_merged_share_a_key),
        cmocka_unit_test(test_addresses_are_keys),
        cmocka_unit_test(test_placeholders_have_no_keys),
        cmocka_unit_test(test_keys_are_sorted_unique_and_few),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
