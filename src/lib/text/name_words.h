// The word lists of names.h, for the files that implement it and their tests.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>

enum name_list {
    NAME_LIST_COMPANY,
    NAME_LIST_TITLE,
    NAME_LIST_TITLE_FILLER,
    NAME_LIST_PRONOUN,
    NAME_LIST_HONORIFIC,
    NAME_LIST_DEGREE,
    NAME_LIST_ACCOUNT,
    NAME_LIST_GENERIC,
    NAME_LIST_LEGAL_FORM,
    NAME_LIST_COUNT,
};

// Is the word, folded and without punctuation at its end, in the list?
bool name_list_has(struct arena *arena, enum name_list list, struct slice word);
// The word at a position; NULL behind the last.
const char *name_list_word(enum name_list list, size_t position);
