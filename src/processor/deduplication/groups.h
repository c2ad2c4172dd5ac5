// Rows that may be one, in groups that share a key: read a part after the other, so that memory does not grow with the
// catalogue.
#pragma once

#include "lib/db/session.h"
#include "lib/match/match.h"

enum {
    // A larger group tells little of its members: it is cut into such of this many.
    GROUPS_MAX_MEMBERS = 300,
    GROUPS_MAX_BATCH_IDS = 1000,
    GROUPS_MAX_BATCH_PAIRS = 100000, // more than a group of GROUPS_MAX_MEMBERS has
};

struct group {
    struct slice *ids;
    size_t count; // two at least
};

struct groups {
    struct db_session *session;
    enum match_kind kind;
    const struct slice *changed; // sorted: only groups with one of these; NULL: all
    size_t changed_count;
    int64_t cut; // groups

    // where it stands
    struct arena *arena;
    struct group *items;
    size_t count, at;
    int64_t behind;      // a key
    size_t changed_from; // of those whose keys are being read
    bool is_at_end;
};

void groups_init(struct groups *groups, struct db_session *session, enum match_kind kind);
void groups_done(struct groups *groups);

// How much has been read, 0 to 1: keys are spread evenly.
double groups_share_read(const struct groups *groups);

// How many pairs the groups have together.
size_t groups_pairs(const struct group *groups, size_t count);

// The next groups, as many as have GROUPS_MAX_BATCH_IDS members and GROUPS_MAX_BATCH_PAIRS pairs together, or one.
// ret_count 0: there are no more. They are valid until the next call.
MUST_CHECK enum err groups_next(struct groups *groups, const struct group **ret_groups,
                                size_t *ret_count, struct error *ret_error);
