// Finds people's names among the words of a line, and says how much a text looks like one.
//
// The score adds up what is known of the words (lexicon.h): given names and family names speak for a
// person; common words, company words, places, digits against. Own weights, set on labelled pages:
// 2 and more is surely a name, 0 a text that could be one, below it is hardly one.
#pragma once

#include "extractor/prose/words.h"

#include <stdbool.h>

#define NAME_SURE 2.0

struct found_name {
    size_t from, to; // words
    double score;
    bool is_alone; // one word only
    bool is_known; // a word of it is a given or family name and nothing else
};

// The longest text that begins at word `from` and is written like a name: capitals, particles,
// initials, a nickname in between. False when there is none.
bool name_find(struct arena *arena, const struct words *words, size_t from,
               struct found_name *ret_name);
// A word that begins no name of anybody or anything: a day, a month, "tba", "you".
bool name_is_never(const struct word *word);
