// JSON as people put it into pages by hand and by template, made into JSON.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

// The first value of the text, without comments (of JavaScript and HTML), wrappers from the times of
// XHTML, commas before an end and what stands behind the value; with line ends and other control
// characters inside of strings escaped, escapes that JSON does not know taken as the character, and
// halves of surrogate pairs off. In the arena; what is broken otherwise stays so. Strings are read
// as they are: nothing in them is taken for a comment.
struct slice sloppy_json_clean(struct arena *arena, struct slice text);
