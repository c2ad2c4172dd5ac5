// Where a company's name ends, by how names of companies are written.
#pragma once

#include "extractor/prose/words.h"

// The longest text that begins at word `from` and is written like a company's name: capitals,
// numbers, domains, with "of", "the", "for" inside. joins_and: "&" may stand inside. Returns the
// word behind it, `from` when there is none.
size_t company_name_end(const struct words *words, size_t from, bool joins_and);
// May the word begin or end such a name?
bool company_name_word(const struct word *word);
