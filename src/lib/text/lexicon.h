// Words that tell a person's name from other words: given names, family names and common English
// words, made at build time from Debian packages (data/README.md). A word may be several of these
// ("Grant", "Young").
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

enum { LEXICON_GIVEN = 1, LEXICON_FAMILY = 2, LEXICON_WORD = 4, LEXICON_PLACE = 8 };

// The flags of a word that unicode_fold has made comparable; 0 for an unknown one.
unsigned lexicon_look_up(struct slice folded_word);

// The generated table (data/embed_names.mjs): flags and word, one after the other, in byte order.
extern const unsigned char lexicon_text[];
extern const unsigned lexicon_offsets[]; // of each row, and the end
extern const unsigned lexicon_count;
