// What the extraction service and a sandboxed child say to each other about a page.
//
// Two ways: a SOCK_SEQPACKET pair carries messages of fixed size (one message a read), and memory that both share carries
// page, address and record, so that a page is copied once. Shared: the page from SANDBOX_PAGE_AT, its address from
// SANDBOX_URL_AT, the record from SANDBOX_RECORD_AT.
//
// The child's side is not trusted: a reply is taken only if it is sound, and what the child wrote is copied before
// anybody looks at it.
#pragma once

#include "extractor/service.h"
#include "lib/base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SANDBOX_MAX_URL = 64 * 1024,
    SANDBOX_PAGE_AT = 0,
    SANDBOX_URL_AT = SANDBOX_PAGE_AT + PAGE_MAX_BYTES,
    SANDBOX_RECORD_AT = SANDBOX_URL_AT + SANDBOX_MAX_URL,
    SANDBOX_SHARED_BYTES = SANDBOX_RECORD_AT + EXTRACTOR_MAX_ANSWER,
};

// Service to child: read this page.
struct sandbox_request {
    uint32_t number; // from 1 on
    uint32_t page_bytes, url_bytes;
    uint32_t has_url; // 0, 1
};

enum sandbox_said {
    SANDBOX_SAID_LOCKED, // number 0: locked in, ready
    SANDBOX_SAID_UNFILTERED, // the same, but the kernel has no filter of system calls for us (bytes: its errno)
    SANDBOX_SAID_RECORD,    // of this number; bytes of it
    SANDBOX_SAID_TOO_LARGE, // of this number: no record, ERR_PAGE_TOO_LARGE
    SANDBOX_SAID_COUNT,
};

// Child to service.
struct sandbox_reply {
    uint32_t number; // of the request
    uint32_t said;   // enum sandbox_said
    uint32_t bytes;
    uint32_t unused; // 0
};

// One received message: is it a request, or a reply to the request of that number (or the child's first word), that
// stays within the shared memory? bytes may be anything.
MUST_CHECK bool sandbox_request_decode(const void *bytes, size_t len,
                                       struct sandbox_request *ret_request);
MUST_CHECK bool sandbox_reply_decode(const void *bytes, size_t len, uint32_t number,
                                     struct sandbox_reply *ret_reply);
