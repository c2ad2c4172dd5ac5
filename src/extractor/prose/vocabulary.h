// The words of data/labels.tsv, data/phrases.tsv and data/occupations.tsv, in many languages: what labels
// are made of, the phrases of running text behind which somebody stands, and what people do. Read once;
// then constant, for any thread.
#pragma once

#include "extractor/prose/words.h"

#include <stdbool.h>
#include <stddef.h>

enum label_word_kind {
    LABEL_WORD_NONE,
    LABEL_WORD_PEOPLE,
    LABEL_WORD_TALKS, // people; a talk's title stands there as often
    LABEL_WORD_COMPANIES,
    LABEL_WORD_PLACE,
    LABEL_WORD_OTHER,
    LABEL_WORD_SKIP,
    LABEL_WORD_ABOUT,
    LABEL_WORD_FILLER,
};

struct label_word {
    enum label_word_kind kind;
    const char *role;     // of people, or NULL
    const char *relation; // of companies, or NULL
    bool is_one;          // in the singular
};

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

// The longest entry that begins at word `at`, or NULL. ret_end: the word behind it, else 0.
const struct label_word *vocabulary_label_word(const struct words *words, size_t at,
                                               size_t *ret_end);
const struct phrase *vocabulary_phrase(const struct words *words, size_t at, size_t *ret_end);
// Does the word say what somebody does: "poet", "工程師"?
bool vocabulary_is_occupation(const struct word *word);
