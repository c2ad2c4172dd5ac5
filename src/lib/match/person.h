// What person.c makes of a record, for person_compare.c.
#pragma once

#include "lib/match/link.h"
#include "lib/match/match.h"

enum { PERSON_MAX_PARTS = 8, PERSON_MAX_WORDS = 48, PERSON_FREQUENT = 60, PERSON_RARE = 5 };

struct name_part {
    struct slice text; // folded, Latin letters
    unsigned frequency; // wordlist_name_frequency
    bool is_initial;    // one letter
    bool is_aside;      // was in brackets or quotes
    bool is_pinyin;
};

// One name as it is written, or as it is written in another script behind it.
struct written_name {
    struct name_part parts[PERSON_MAX_PARTS]; // in the order of the text, particles left out
    size_t count;                             // asides too
    size_t aside_count;                       // the last ones
    struct slice letters;                     // all parts but asides, without spaces
    bool is_lossy; // transliterated from a script that is read in several ways
};

struct match_person_form {
    struct written_name name, other; // other: of another script; count 0 when there is none
    bool is_several;                 // "Ada Byron and Ben Roe"
    const struct match_company_form *company; // NULL: none, or a placeholder
    struct slice title_words[PERSON_MAX_WORDS], bio_words[PERSON_MAX_WORDS]; // sorted, unique
    size_t title_count, bio_count;
    struct slice email, email_domain; // the domain is absent when everybody can have it
    struct match_link links[MATCH_MAX_LINKS];
    size_t link_count;
    struct slice key; // orders two forms, so that comparing is symmetric
};

// Sorted unique words of a text, small ones left out; returns their number.
size_t person_words(struct arena *arena, struct slice text,
                    struct slice ret_words[static PERSON_MAX_WORDS]);
