// Phrases of running text that say who gives, supports or appears at an event.
#pragma once

#include "extractor/prose/vocabulary.h"

#include <stdbool.h>
#include <stddef.h>

// The longest phrase behind which somebody stands, a gift ("lunch by") among them, that begins at word `at`,
// or NULL. ret_end: the word behind it, else 0.
const struct phrase *phrase_find(const struct words *words, size_t at, size_t *ret_end);
// The word behind "together with", "alongside"; `at` when that is not there.
size_t phrase_skip_together(const struct words *words, size_t at);
// Food, drinks, rooms and the like, which somebody gives.
bool phrase_is_gift(const struct words *words, size_t at);
// The role that somebody has of whom the words at `at` tell: "moderates", "will judge". NULL when they tell none.
const char *phrase_verb_role(const struct words *words, size_t at);
