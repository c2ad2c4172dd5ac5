// Borrowed bytes: a pointer and a length, not zero-terminated, owned by somebody else.
// {NULL, 0} means "absent"; an empty but present slice has a non-NULL pointer.
#pragma once

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *ptr;
    size_t len;
};

// A slice over a string literal: as an expression, and (where the standard asks for constants) as the
// initialiser of static data.
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
#define SLICE_INIT(literal) {"" literal, sizeof(literal) - 1}

// For printf's "%.*s".
#define SLICE_FMT(s) (int)(s).len, (s).ptr

struct slice slice_from_cstr(const char *text); // NULL gives the absent slice
bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b); // ASCII case only
int slice_compare(struct slice a, struct slice b);       // memcmp order, shorter first
bool slice_starts_with(struct slice s, struct slice prefix);
bool slice_ends_with(struct slice s, struct slice suffix);
struct slice slice_sub(struct slice s, size_t from, size_t len); // clamped to s
struct slice slice_trim(struct slice s);                         // ASCII white space off both ends

// Position of needle in s, or SIZE_MAX.
size_t slice_find(struct slice s, struct slice needle);
size_t slice_find_char(struct slice s, char c);

// Is s one of the texts, which are in byte order?
bool slice_in_sorted(struct slice s, const char *const *sorted, size_t count);

// Sorts the items and leaves each once; how many are left.
size_t slice_sort_unique(struct slice *items, size_t count);
// Is it one of the items, which that has sorted?
bool slice_is_among(struct slice s, const struct slice *sorted, size_t count);

// Takes the part before the next separator off *rest; false when *rest is used up.
// "a,,b" gives "a", "", "b"; "" gives one ""; an absent *rest gives nothing.
bool slice_split_next(struct slice *rest, char separator, struct slice *ret_part);

// Decimal numbers; the whole slice must be the number and fit.
MUST_CHECK bool slice_to_int(struct slice s, int64_t *ret_value);
MUST_CHECK bool slice_to_double(struct slice s, double *ret_value);
