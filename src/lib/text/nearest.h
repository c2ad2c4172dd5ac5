// "Did you mean …?": the name of a list that is most like what somebody typed.
#pragma once

#include "lib/base/slice.h"

// The Damerau-Levenshtein distance (optimal string alignment, ASCII case ignored) of two short texts: insertions,
// deletions, replacements and swaps of neighbours. Texts over 64 bytes count as completely different.
size_t text_edit_distance(struct slice a, struct slice b);

// The nearest of names, or NULL when none is near enough to be what was meant: at most a third of the letters
// wrong, one in short words. A name that begins with the word, or the other way round, counts as near. The first of
// equals wins.
const char *text_nearest(struct slice word, const char *const *names, size_t count);
