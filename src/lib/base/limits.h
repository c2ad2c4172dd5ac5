// Limits that several rooms must agree on.
#pragma once

enum {
    // Of one page: what is larger is neither fetched nor taken nor read.
    PAGE_MAX_BYTES = 12 * 1024 * 1024,
    // Of a request that carries one as JSON: quotes and line ends take two bytes there.
    PAGE_MAX_REQUEST_BYTES = 2 * PAGE_MAX_BYTES,
};
