// The extractor's core: a page's bytes in, a record out. Pure: no network, no files, no clock.
#pragma once

#include "extractor/record.h"
#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/limits.h"
#include "lib/base/slice.h"

enum {
    EXTRACT_MAX_PAGE = PAGE_MAX_BYTES, // larger pages are refused
    // More than a page made to cost memory can need (a test asks for it); memory is taken as it is
    // needed, by an ordinary page about five times its size.
    EXTRACT_ARENA_BYTES = 384 * 1024 * 1024,
};

// url, where the page was fetched, may be absent. The record lives in the arena
// (EXTRACT_ARENA_BYTES); parts of it may point into html. Fails only with ERR_PAGE_TOO_LARGE: any
// bytes have a record, if only one that says "not an event".
MUST_CHECK enum err extract_page(struct slice html, struct slice url, struct arena *arena,
                                 struct record *ret_record, struct error *ret_error);
