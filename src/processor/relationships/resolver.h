// What resolve.c and choose.c share: the names of a page on their way to rows.
#pragma once

#include "processor/relationships/resolve.h"

struct candidate {
    struct profile profile;
    struct match_answer answer;
    bool is_known;   // the event was said to have this one under this name before
    bool is_spelled; // it is known by this name: its own, or that of a row that was merged into it
    bool is_unknown; // nothing is known of who had the name
};

// A name of the page and what it comes to.
struct mention {
    struct profile profile;
    struct match_key *keys;
    size_t key_count;
    struct candidate *candidates; // the likeliest first, once compared
    size_t candidate_count;
    const struct candidate *chosen; // NULL: it is a new one, or what another name of the page is
    bool is_new;
    bool has_new_keys;           // it cannot be found by all of its keys yet
    char spelling_id[UUID_TEXT]; // of the row that keeps an unknown spelling of a known one
};

struct resolver {
    struct pipeline *pipeline;
    struct entities *entities;
    const struct resolve_statements *statements;
    entity_writer *write;
    struct mention *mentions;
    double people;
};

static inline struct slice resolver_id(const struct resolver *resolver, size_t position)
{
    return slice_from_cstr(resolver->entities->items[position].id);
}

// Finds out whom all names mean: their ids are set. Names with a key in common are locked until the transaction ends.
MUST_CHECK enum err resolver_match(struct resolver *resolver, struct error *ret_error);

// Writes what that came to: new ones, other spellings, keys, pairs for review.
MUST_CHECK enum err resolver_keep(struct resolver *resolver, struct error *ret_error);

// Compares the name at this position with its candidates and with the names before it, and sets its id: of a known one, of
// one that the page has made, or a new one. Names are chosen in their order.
MUST_CHECK enum err resolver_choose(struct resolver *resolver, size_t position,
                                    struct error *ret_error);
