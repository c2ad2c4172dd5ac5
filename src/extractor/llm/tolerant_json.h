// What a language model says instead of JSON, read as the JSON it meant: code fences, prose around
// it, comments, trailing, missing and doubled commas, single and curly quotes, keys and words
// without quotes, quotes and line ends inside of strings, None, True, undefined, NaN, and objects
// that were cut off (what is open is closed, the last member that is not whole is left out).
//
// Takes any bytes; time and memory are linear in their number (times a small constant: some places
// where an object could begin are tried), nesting is bounded.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/json/json.h"

enum {
    TOLERANT_MAX_BYTES = 64 * 1024, // of what is read
    TOLERANT_MAX_DEPTH = 32,
};

// The first object in the text that has one of these members (NULL at the end of the list). The
// value lives in the arena (about 20 times the text's size). ret_is_cut: the end was missing; may be
// NULL. Fails with ERR_INVALID_JSON when there is none, the detail says why.
MUST_CHECK enum err tolerant_json_parse(struct arena *arena, struct slice text,
                                        const char *const *members, yyjson_val **ret_object,
                                        bool *ret_is_cut, struct error *ret_error);
