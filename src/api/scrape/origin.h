// SCRAPE_ORIGIN_OVERRIDE: pages of one origin are fetched from another (tests, demos, mirrors), while every
// address keeps its canonical form. "https://luma.com=http://127.0.0.1:8099"; lu.ma and www. count as
// luma.com. Several, separated by commas, are for several origins.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/text/url.h"

enum { ORIGIN_OVERRIDE_MAX = 16 };

struct origin_override; // immutable; any thread may use it

// An empty or absent text is no override: *ret_override is NULL then, and the functions below take that.
// Fails with ERR_CONFIG_INVALID.
MUST_CHECK enum err origin_override_new(struct slice text, struct origin_override **ret_override,
                                        struct error *ret_error);
void origin_override_free(struct origin_override *override); // NULL is fine

// Where to send the request for `url` instead; false, and nothing written, when it is not of that origin.
bool origin_override_apply(const struct origin_override *override, struct arena *arena,
                           const struct url *url, struct slice *ret_url);

// An address that the other origin gave (absolute), seen from outside: its own origin becomes the canonical
// one, anything else, and what is too long to be fetched, stays.
struct slice origin_override_undo(const struct origin_override *override, struct arena *arena,
                                  struct slice url);
