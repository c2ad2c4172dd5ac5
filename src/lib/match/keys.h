// Under which keys a record is found: two records that may be one share at least one of them, so that nobody is compared
// with everybody (blocking; Christen, "Data Matching", 2012, chapter 4). Keys are hashes: they tell who is worth comparing,
// never who is the same.
#pragma once

#include "lib/match/match.h"

enum {
    MATCH_KEYS_VERSION =
        1, // counted up whenever other keys come out: who keeps keys makes them anew
    MATCH_MAX_KEYS = 32,
    MATCH_MAX_EVENT_KEYS = 40,
};

struct match_key {
    uint64_t hash;
    // How much it says that two share it: an address of a profile more than a family name. Who has too many candidates
    // takes those with the largest sum.
    unsigned weight;
};

// Sorted by hash, unique; returns their number.
size_t match_person_keys(const struct match_person_form *form,
                         struct match_key ret_keys[static MATCH_MAX_KEYS]);
size_t match_company_keys(const struct match_company_form *form,
                          struct match_key ret_keys[static MATCH_MAX_KEYS]);
size_t match_event_keys(const struct match_event_form *form,
                        struct match_key ret_keys[static MATCH_MAX_EVENT_KEYS]);
