// Phrases of running text behind which somebody stands who gives, supports or appears at an event.
#pragma once

#include "extractor/prose/words.h"

#include <stdbool.h>
#include <stddef.h>

// Least scores of a person's name (name.h), by how much the phrase says that one follows.
#define PHRASE_PEOPLE_ONLY 0.4
#define PHRASE_PEOPLE_MOSTLY 1.0
#define PHRASE_EITHER 1.2
#define PHRASE_HARDLY 1.6

struct phrase {
    const char *words;    // folded, single spaces
    const char *role;     // of people, or NULL
    const char *relation; // of companies, or NULL
    double needed;        // least score of a person
    bool needs_sign;      // a link, or a word only companies have: the phrase itself says little
};

// The longest phrase that begins at word `at`, or NULL. ret_end: the word behind it, else 0.
const struct phrase *phrase_find(const struct words *words, size_t at, size_t *ret_end);
// The word behind "together with", "alongside"; `at` when that is not there.
size_t phrase_skip_together(const struct words *words, size_t at);
// Food, drinks, rooms and the like, which somebody gives.
bool phrase_is_gift(const struct words *words, size_t at);
// The role that somebody has of whom the words at `at` tell: "moderates", "will judge". NULL when they tell none.
const char *phrase_verb_role(const struct words *words, size_t at);
