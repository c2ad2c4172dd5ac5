// How alike two words are. All functions are symmetric and take folded words (unicode_fold); they
// count bytes, so they are meant for Latin letters (latin.h). Nothing is allocated.
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum { SIMILAR_MAX_BYTES = 64 }; // longer words are compared by their beginnings

// Insertions, deletions, changes and swaps of neighbours that make b of a (optimal string alignment,
// after Damerau 1964); more than `most` gives most + 1.
unsigned similar_edits(struct slice a, struct slice b, unsigned most);
// Jaro-Winkler, 0 to 1 (Winkler 1990; a common beginning of up to four letters counts 0.1 each).
double similar_jaro_winkler(struct slice a, struct slice b);
// How a word sounds, whichever way it is written in Latin letters ("oe" and "o", "ph" and "f", "y" and
// "i", double letters): words of equal sounds are spellings of one name. At most SIMILAR_MAX_BYTES.
size_t similar_sounds(struct slice word, char ret_sounds[static SIMILAR_MAX_BYTES]);
// Do they differ by how umlauts are written alone ("lueder" for "lüder", folded "luder")?
bool similar_umlauts(struct slice a, struct slice b);
// Is the word made of syllables of pinyin ("xiaotao")? Two such that differ are different names, however
// alike they look.
bool similar_is_pinyin(struct slice word);
// How many words two lists have in common; both are sorted and without repetitions.
size_t similar_count_shared(const struct slice *a, size_t a_count, const struct slice *b,
                            size_t b_count);
