#include "lib/feed/position.h"

#include <inttypes.h>
#include <stdio.h>

// Of PostgreSQL's bigint, so that both numbers can go back to it.
static bool parse_number(struct slice text, uint64_t *ret_number)
{
    int64_t number;
    if (text.len == 0 || text.ptr[0] < '0' || text.ptr[0] > '9' || !slice_to_int(text, &number))
        return false;
    *ret_number = (uint64_t)number;
    return true;
}

bool feed_position_parse(struct slice text, struct feed_position *ret_position)
{
    size_t dash = slice_find(text, SLICE("-"));
    return dash != SIZE_MAX && parse_number(slice_sub(text, 0, dash), &ret_position->xid) &&
           parse_number(slice_sub(text, dash + 1, text.len), &ret_position->seq);
}

void feed_position_print(struct feed_position position, char ret_text[static FEED_POSITION_TEXT])
{
    snprintf(ret_text, FEED_POSITION_TEXT, "%" PRIu64 "-%" PRIu64, position.xid, position.seq);
}
