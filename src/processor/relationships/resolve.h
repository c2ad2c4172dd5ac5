// People and companies of a page become rows: the ones already known, however their names are written, or new ones.
//
// Each name is compared with those who share a key with it (lib/match/keys.h) and the best of them decides:
//   - certainly the same: it is that one. A spelling that was unknown is kept as a row of its own, merged into the known one
//     from the start, so that it can be told why and undone.
//   - perhaps the same: a new one, and the pairs wait for somebody to decide.
//   - else a new one.
// Two who are both likely and are not one themselves make each other unlikely. Names with a key in common are resolved by
// one transaction at a time, so that workers never make two of one.
#pragma once

#include "processor/deduplication/profile.h"
#include "processor/relationships/entities.h"

struct resolve_statements {
    enum match_kind kind;
    // Rows: position, is_known, is_named, spelling, people, profile.
    const struct db_statement *find;
    // Of new ones and of other spellings of known ones; keys of all.
    const struct db_statement *keep, *adopt, *add_keys;
    bool is_per_event; // find takes the event's id first
};
const struct resolve_statements *resolve_speaker_statements(void);
const struct resolve_statements *resolve_company_statements(void);

// Fills the entities' ids. Each must have a name; write: what is known of one, as members of a profile.
MUST_CHECK enum err entities_resolve(struct pipeline *pipeline, struct entities *entities,
                                     const struct resolve_statements *statements,
                                     entity_writer *write, struct error *ret_error);
