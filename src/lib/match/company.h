// What company.c makes of a record, for company_compare.c and the comparison of people.
#pragma once

#include "lib/match/link.h"
#include "lib/match/match.h"

enum { COMPANY_MAX_WORDS = 16 };

struct company_name {
    struct slice words[COMPANY_MAX_WORDS]; // folded, Latin letters, without legal forms and "the"
    size_t count;
    struct slice letters;     // the words without spaces
    struct slice all_letters; // and with "the" and "and"
    struct slice
        host_letters; // of one that is written as a domain: all of it, "collabnet" of "collab.net"
    unsigned known;   // wordlist_known_company
    struct slice legal_form; // absent when there is none
    bool is_domain;          // written as one: "acme.io"
    bool is_foreign;         // has letters of another script than Latin
    bool is_lossy;           // of one that is read in several ways (latin.h)
};

struct match_company_form {
    struct company_name name;
    struct company_name aside; // in brackets: "X (Twitter)"; count 0 when there is none
    bool is_placeholder;
    struct match_link links[MATCH_MAX_LINKS];
    size_t link_count;
    struct slice key; // orders two forms, so that comparing is symmetric
};

// How the names agree.
enum match_level company_compare_names(const struct match_company_form *a,
                                       const struct match_company_form *b);
