// The topics of data/topics.tsv and the words that tell of them, as a trie over the numbers of words.
// It is read once; then it is constant and may be used by any thread.
#pragma once

#include "extractor/topics/words.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAXONOMY_MAX_PARENTS = 4, TAXONOMY_MAX_TOPICS = 2000, TAXONOMY_MAX_ALIAS_WORDS = 16 };

struct taxonomy_topic {
    struct slice name;
    const char *category; // technology, industry, format; NULL: words that say nothing
    uint16_t parents[TAXONOMY_MAX_PARENTS];
    size_t parent_count;
    size_t below_count; // how many topics have it above them
};

struct taxonomy;
// The one that is built into the program.
const struct taxonomy *taxonomy_get(void);
// For tests: reads a table; a mistake in it fails an ensure.
const struct taxonomy *taxonomy_new(struct arena *arena, struct slice table);

size_t taxonomy_count(const struct taxonomy *taxonomy);
const struct taxonomy_topic *taxonomy_topic(const struct taxonomy *taxonomy, size_t index);
// Is `above` a parent of `below`, or a parent's parent?
bool taxonomy_is_above(const struct taxonomy *taxonomy, size_t above, size_t below);

struct topic_words taxonomy_words(const struct taxonomy *taxonomy, struct arena *arena,
                                  struct slice text);

struct taxonomy_match {
    size_t topic, word_count;
    bool is_weak, is_hint, title_only;
};
// The longest alias that the words from `at` begin with. Nothing of a match crosses a break.
// with_case: capitals tell something, which they do not in a line without small letters.
bool taxonomy_match(const struct taxonomy *taxonomy, const struct topic_words *words, size_t at,
                    bool with_case, struct taxonomy_match *ret_match);
