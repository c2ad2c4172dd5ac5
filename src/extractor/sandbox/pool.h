// The children of one event loop, and the pages that wait for them. Everything on the loop's thread; nothing blocks but
// starting and ending a child (milliseconds).
#pragma once

#include "extractor/sandbox/sandbox.h"
#include "lib/loop/loop.h"

enum {
    // A second one, so that a page which takes long holds nobody up, and connections that fell to the same loop are
    // served by two cores. It is started when it is first needed.
    SANDBOX_POOL_CHILDREN = 2,
    SANDBOX_POOL_WAITING = 256, // at once; more are refused
};

// One page on its way; of the caller, together with what it points to, until done.
struct sandbox_page {
    struct slice html, url;
    // Once, on the loop's thread: the record, or an error: ERR_PAGE_TOO_LARGE, ERR_PARSE_ERROR (its child ended over it),
    // ERR_TIMEOUT, ERR_INTERNAL, ERR_IO, ERR_OVERLOADED, ERR_SHUTTING_DOWN. The record is borrowed.
    void (*done)(void *data, struct slice record, const struct error *error);
    void *data;
    struct sandbox_page *next; // of pool.c
};

struct sandbox_pool;
struct sandbox_pool *sandbox_pool_new(struct sandbox *sandbox,
                                      struct loop *loop); // holds the sandbox
// With the loop stopped, before loop_free. Pages under way are answered with ERR_SHUTTING_DOWN.
void sandbox_pool_free(struct sandbox_pool *pool);

void sandbox_pool_read(struct sandbox_pool *pool, struct sandbox_page *page);
