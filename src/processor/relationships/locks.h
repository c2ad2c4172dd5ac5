// Locks on the keys by which events, people and companies are found (lib/match/keys.h): of two pages with a key in common
// one waits until the other's transaction has ended, so that workers never make two of one. Deadlocks are kept away by order:
// entering, then the keys of the event, of its people, of its companies.
#pragma once

#include "processor/deduplication/profile.h"
#include "processor/processing/pipeline.h"

// Once a transaction, before any key is locked.
MUST_CHECK enum err locks_enter(struct pipeline *pipeline, struct error *ret_error);
MUST_CHECK enum err locks_take(struct pipeline *pipeline, enum match_kind kind,
                               const struct match_key *keys, size_t count, struct error *ret_error);
