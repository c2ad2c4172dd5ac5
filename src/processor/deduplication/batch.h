// Groups of rows that may be one, with everything that is needed to compare their members: profiles, and what was decided.
#pragma once

#include "processor/deduplication/groups.h"
#include "processor/deduplication/rivals.h"

struct batch {
    struct profile *profiles; // sorted by id
    size_t profile_count;
    bool *are_gone;          // profiles that lost themselves to another one of the batch
    uint64_t *decided_pairs; // sorted
    size_t decided_count;
    struct find *finds;
    size_t find_count;
};

struct batch_source {
    struct db_session *session;
    struct arena *arena; // of the batch
    enum match_kind kind;
};

// Reads the members of the groups who are still themselves, and which pairs of them somebody has decided about. There is
// room for a find of every pair.
MUST_CHECK enum err batch_load(const struct batch_source *source, const struct group *groups,
                               size_t count, struct batch *ret_batch, struct error *ret_error);

// NULL: gone, or merged into another.
const struct profile *batch_find(const struct batch *batch, struct slice id);

// Two ids, the smaller one first, as a number; no two pairs will ever have the same.
uint64_t batch_fingerprint(struct slice a, struct slice b);
bool batch_is_decided(const struct batch *batch, uint64_t fingerprint);
