// Pieces of names.c that person_name.c shares. The texts are clean lines (unicode.h).
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>

// The first "(…)" or "[…]" that opens at or behind `from`.
bool name_find_bracket(struct slice text, size_t from, size_t *ret_open, size_t *ret_close);
// The text without the bytes from `from` to before `end`, white space cleaned.
struct slice name_without(struct arena *arena, struct slice text, size_t from, size_t end);
// Without one "(she/her)", "[they]" or a last word "he/him"; the same text when there is none.
struct slice name_strip_pronouns(struct arena *arena, struct slice text);
