// Words of titles and occupations: "Senior Engineer", "poet and barrister", "artists".
#pragma once

#include "extractor/prose/words.h"

// Does the word at `at` say what somebody does?
bool title_is_word(struct arena *arena, const struct words *words, size_t at);
// The same of several: "artists", "professors".
bool title_is_plural(struct arena *arena, const struct words *words, size_t at);
// Does one of the words from `from` up to, not including, `to`?
bool title_has_word(struct arena *arena, const struct words *words, size_t from, size_t to);
