// The request parser: whatever comes in, it neither crashes nor passes its limits, and what it understands
// does not depend on how the bytes were cut into reads.
#include "support/parse_transcript.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_request_limits limits = {.header_bytes = 2048, .body_bytes = 512};

static bool ends_at_a_limit(const struct buffer *transcript)
{
    return slice_ends_with(buffer_slice(transcript), SLICE("!headers_too_large\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = {(const char *)data, size};
    struct buffer whole, pieces;
    buffer_init(&whole, 1 << 24);
    buffer_init(&pieces, 1 << 24);
    transcript_of(bytes, 0, &limits, false, &whole);
    transcript_of(bytes, 1 + size % 13, &limits, false, &pieces);
    ensure(!whole.overflow && !pieces.overflow);
    // A header that is both too large and broken may be refused for either, depending on what is seen first.
    if (!ends_at_a_limit(&whole) && !ends_at_a_limit(&pieces) &&
        !slice_equal(buffer_slice(&whole), buffer_slice(&pieces))) {
        fprintf(stderr, "whole:\n%.*s\npieces:\n%.*s\n", SLICE_FMT(buffer_slice(&whole)),
                SLICE_FMT(buffer_slice(&pieces)));
        ensure(!"the same whole and in pieces");
    }
    buffer_done(&whole);
    buffer_done(&pieces);
    return 0;
}
