// See keys.h. What the comparison takes for evidence decides what is a key: names that can agree at a level that speaks for
// one have a key in common.
#include "lib/match/keys.h"

#include "lib/base/digest.h"
#include "lib/match/company.h"
#include "lib/match/person.h"
#include "lib/match/similar.h"
#include "lib/match/wordlist.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_KEY_BYTES = 512,
    MIN_FIRST_WORD = 3, // letters; shorter ones are no company's
    BEGINNING = 6,      // letters
    GIVEN_BEGINNING = 3,
    TYPED_LETTERS = 2,
    MAX_ACRONYM = 5,     // letters
    WEIGHT_ADDRESS = 16, // a profile, an e-mail address
    WEIGHT_NAME = 8,     // the whole name
    WEIGHT_FIRM = 6,     // a given name and a company
    WEIGHT_SITE = 4,     // a web site: a whole firm may have it
    WEIGHT_PART = 1,
};

struct keys {
    struct match_key *items;
    size_t count;
};

static bool has_key(const struct keys *keys, uint64_t hash)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].hash == hash)
            return true;
    return false;
}

// A key of texts; what they are comes first, so that two kinds never meet.
static void add_key(struct keys *keys, unsigned weight, const char *kind, struct slice one,
                    struct slice two, struct slice three)
{
    char text[MAX_KEY_BYTES];
    size_t used = 0;
    const struct slice parts[] = {slice_from_cstr(kind), one, two, three};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (used + parts[i].len + 1 > sizeof text)
            return;
        if (parts[i].len)
            memcpy(text + used, parts[i].ptr, parts[i].len);
        used += parts[i].len;
        text[used++] = '\n';
    }
    uint64_t hash = digest_fnv1a((struct slice){text, used});
    if (keys->count < MATCH_MAX_KEYS && !has_key(keys, hash))
        keys->items[keys->count++] = (struct match_key){hash, weight};
}

static int compare_keys(const void *a, const void *b)
{
    const struct match_key *x = a, *y = b;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static size_t sort(struct keys *keys)
{
    if (keys->count)
        qsort(keys->items, keys->count, sizeof *keys->items, compare_keys);
    return keys->count;
}

static void add_links(struct keys *keys, const struct match_link *links, size_t count)
{
    static const char *const sites[SITE_COUNT] = {
        [SITE_LINKEDIN] = "linkedin", [SITE_TWITTER] = "x",       [SITE_GITHUB] = "github",
        [SITE_PROFILE] = "profile",   [SITE_WEBSITE] = "website",
    };
    for (size_t i = 0; i < count; i++)
        if (links[i].site != SITE_NONE)
            add_key(keys, links[i].site == SITE_WEBSITE ? WEIGHT_SITE : WEIGHT_ADDRESS,
                    sites[links[i].site], links[i].handle, (struct slice){0}, (struct slice){0});
}

static struct slice first_letter(struct slice text)
{
    return slice_sub(text, 0, 1);
}

// ---- people

// The family name as it sounds, with how the beginning sounds of the given name and of each that people of it are called by
// ("William" is "Bill", too). Of a rare family name an initial is enough; of others it would fit half a city.
static void add_family(struct keys *keys, const struct name_reading *reading)
{
    const struct name_part *family = reading->family;
    const struct slice none = {0};
    if (family->frequency < PERSON_RARE) {
        uint32_t initials = wordlist_name_initials(reading->given->text);
        for (int i = 0; i < 26; i++) {
            char letter = (char)('a' + i);
            if (initials & (1U << i))
                add_key(keys, WEIGHT_PART, "family", family->sounds, (struct slice){&letter, 1},
                        none);
        }
        if (!initials) // of another script
            add_key(keys, WEIGHT_PART, "family", family->sounds, first_letter(reading->given->text),
                    none);
    } else if (!reading->given->is_initial) {
        struct slice forms = wordlist_nicknames(reading->given->text), form;
        add_key(keys, WEIGHT_PART, "family", family->sounds,
                slice_sub(reading->given->sounds, 0, GIVEN_BEGINNING), none);
        while (slice_split_next(&forms, ' ', &form)) {
            char sounds[SIMILAR_MAX_BYTES];
            size_t len = similar_sounds(form, sounds);
            add_key(keys, WEIGHT_PART, "family", family->sounds,
                    slice_sub((struct slice){sounds, len}, 0, GIVEN_BEGINNING), none);
        }
    }
}

// The beginning and the end of a word: a slip of the hand leaves one of the two, wherever it is.
static void add_ends(struct keys *keys, const char *kind, struct slice exact, struct slice typed)
{
    size_t from = typed.len > TYPED_LETTERS ? typed.len - TYPED_LETTERS : 0;
    add_key(keys, WEIGHT_PART, kind, exact, SLICE("^"), slice_sub(typed, 0, TYPED_LETTERS));
    add_key(keys, WEIGHT_PART, kind, exact, SLICE("$"), slice_sub(typed, from, typed.len));
}

// Finds names that were mistyped: a given name with the ends of the family name, and a family name with the end of the given
// one (the beginning is in the key above). Where the one is frequent, the other mistyped would decide nothing.
static void add_mistyped(struct keys *keys, const struct name_reading *reading)
{
    const struct name_part *given = reading->given, *family = reading->family;
    if (given->frequency < PERSON_FREQUENT)
        add_ends(keys, "given", given->sounds, family->text);
    if (family->frequency < PERSON_RARE && given->text.len > TYPED_LETTERS)
        add_key(keys, WEIGHT_PART, "typed", family->sounds,
                slice_sub(given->text, given->text.len - TYPED_LETTERS, given->text.len),
                (struct slice){0});
}

// A given name and a company: finds "Ada B., Engines", and whoever took another family name.
static void add_firm(struct keys *keys, const struct name_reading *reading,
                     const struct match_company_form *company)
{
    const struct name_part *given = reading->given ? reading->given : reading->family;
    if (company && company->name.letters.len)
        add_key(keys, WEIGHT_FIRM, "firm", given->sounds, company->name.letters, (struct slice){0});
}

static void add_name(struct keys *keys, const struct written_name *name,
                     const struct match_company_form *company)
{
    if (name->reading_count == 0)
        return;
    add_key(keys, WEIGHT_NAME, "name", name->sorted, (struct slice){0}, (struct slice){0});
    for (size_t i = 0; i < name->reading_count; i++) {
        const struct name_reading *reading = &name->readings[i];
        if (i == 0 || reading->order == NAME_LEFT_OUT)
            add_firm(keys, reading, company);
        // An initial in place of a family name fits too many: such a name is found by more than that. So does "van" alone.
        if (!reading->given || !reading->family || reading->family->is_initial ||
            reading->family->is_small)
            continue;
        add_family(keys, reading);
        if (reading->order == NAME_AS_WRITTEN && !reading->family_is_part &&
            !reading->given->is_initial)
            add_mistyped(keys, reading);
    }
}

size_t match_person_keys(const struct match_person_form *form,
                         struct match_key ret_keys[static MATCH_MAX_KEYS])
{
    struct keys keys = {.items = ret_keys};
    struct slice none = {0};
    if (form->email.len)
        add_key(&keys, WEIGHT_ADDRESS, "email", form->email, none, none);
    add_links(&keys, form->links, form->link_count);
    add_name(&keys, &form->name, form->company);
    add_name(&keys, &form->other, form->company);
    return sort(&keys);
}

// ---- companies

// The initials of the words, or a word that may be such.
static void add_acronym(struct keys *keys, const struct company_name *name)
{
    char initials[COMPANY_MAX_WORDS];
    if (name->count == 1 && name->letters.len > 1 && name->letters.len <= MAX_ACRONYM) {
        add_key(keys, WEIGHT_PART, "acronym", name->letters, (struct slice){0}, (struct slice){0});
    } else if (name->count > 1 && name->count <= MAX_ACRONYM) {
        for (size_t i = 0; i < name->count; i++)
            initials[i] = name->words[i].ptr[0];
        add_key(keys, WEIGHT_PART, "acronym", (struct slice){initials, name->count},
                (struct slice){0}, (struct slice){0});
    }
}

static void add_company_name(struct keys *keys, const struct company_name *name)
{
    const struct slice none = {0};
    char sounds[SIMILAR_MAX_BYTES];
    if (name->count == 0 || name->letters.len == 0)
        return;
    add_key(keys, WEIGHT_NAME, "name", name->letters, none, none);
    if (!slice_equal(name->letters, name->all_letters))
        add_key(keys, WEIGHT_NAME, "name", name->all_letters, none, none);
    if (name->known)
        add_key(keys, WEIGHT_NAME, "known",
                (struct slice){(const char *)&name->known, sizeof name->known}, none, none);
    size_t len = similar_sounds(name->letters, sounds);
    add_key(keys, WEIGHT_FIRM, "sounds", (struct slice){sounds, len}, none, none);
    if (name->words[0].len >= MIN_FIRST_WORD && !wordlist_is_general(name->words[0]))
        add_key(keys, WEIGHT_PART, "word", name->words[0], none, none);
    if (name->letters.len >= BEGINNING)
        add_key(keys, WEIGHT_PART, "beginning", slice_sub(name->letters, 0, BEGINNING), none, none);
    add_acronym(keys, name);
}

size_t match_company_keys(const struct match_company_form *form,
                          struct match_key ret_keys[static MATCH_MAX_KEYS])
{
    struct keys keys = {.items = ret_keys};
    add_links(&keys, form->links, form->link_count);
    if (!form->is_placeholder) {
        add_company_name(&keys, &form->name);
        add_company_name(&keys, &form->aside);
    }
    return sort(&keys);
}
