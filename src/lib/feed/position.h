// A place in the order of changes: the transaction's number, then the row's (sql/migrations/0004_changes.sql). Written
// "xid-seq"; opaque to clients.
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct feed_position {
    uint64_t xid, seq;
};

enum { FEED_POSITION_TEXT = 48 };

bool feed_position_parse(struct slice text, struct feed_position *ret_position);
void feed_position_print(struct feed_position position, char ret_text[static FEED_POSITION_TEXT]);

static inline int feed_position_compare(struct feed_position a, struct feed_position b)
{
    if (a.xid != b.xid)
        return a.xid < b.xid ? -1 : 1;
    return (a.seq > b.seq) - (a.seq < b.seq);
}

static inline struct feed_position feed_position_later(struct feed_position a,
                                                       struct feed_position b)
{
    return feed_position_compare(a, b) < 0 ? b : a;
}
