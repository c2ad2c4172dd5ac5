// What person.c makes of a record, for person_compare.c.
#pragma once

#include "lib/match/link.h"
#include "lib/match/match.h"

enum {
    PERSON_MAX_PARTS = 8,
    PERSON_MAX_READINGS = 24,
    PERSON_MAX_WORDS = 48,
    PERSON_FREQUENT = 60, // of 100,000 names
    PERSON_RARE = 5,
};

struct name_part {
    struct slice text;   // folded, Latin letters
    struct slice sounds; // similar_sounds
    unsigned frequency;  // wordlist_name_frequency
    bool is_initial;     // one letter
    bool is_aside;       // was in brackets or quotes
    bool is_small;       // a particle between others: "van"
    bool is_pinyin;      // made of its syllables, and so is another part of the name
    bool is_given_name;  // a known one (lexicon.h)
    bool is_family_name;
};

// A name can be read in several ways: which part is the family name, what was left out, what is written
// in one word.
enum name_order { NAME_AS_WRITTEN, NAME_TURNED, NAME_LEFT_OUT };
struct name_reading {
    const struct name_part *given, *family; // NULL: missing
    unsigned used;                          // bit set of the parts
    enum name_order order;
    bool family_is_part; // more parts stand behind the family name
};

struct written_name {
    struct name_part parts[PERSON_MAX_PARTS]; // in the order of the text, asides last
    size_t count, aside_count;
    struct slice letters;          // all parts but asides, without spaces
    struct slice sorted;           // the same, in byte order of the parts
    bool is_lossy;                 // transliterated from a script that is read in several ways
    struct name_reading *readings; // the usual one first
    size_t reading_count;
};

// The ways to read a name whose parts are known.
void person_read_ways(struct arena *arena, struct written_name *name);
// A part from its folded text.
struct name_part person_part(struct arena *arena, struct slice text);

struct person_text {
    struct slice text;
    struct slice words[PERSON_MAX_WORDS]; // sorted, unique, without small ones
    size_t count;
};

struct match_person_form {
    struct written_name name, other; // other: of another script; count 0 when there is none
    bool is_several;                 // "Ada Byron and Ben Roe"
    const struct match_company_form *company; // NULL: none, or a placeholder
    struct person_text title, bio;
    struct slice email, email_domain; // the domain is absent when everybody can have it
    struct match_link links[MATCH_MAX_LINKS];
    size_t link_count;
    struct slice key; // orders two forms, so that comparing is symmetric
};

void person_read_text(struct arena *arena, struct slice text, struct person_text *ret);
// Sets email and email_domain.
void person_read_email(struct arena *arena, struct match_person_form *form, struct slice email);
