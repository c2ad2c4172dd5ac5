// The template: a small process of one thread that has read everything which reading pages needs, and of which sandboxed
// children are forks. A fork of it takes a millisecond; starting the program anew takes a hundred, and forking the service,
// which has threads, would not be safe.
//
// The service starts it as `eventd extract-child`, with a SOCK_SEQPACKET pair as descriptor 0 and nearly nothing of its
// environment (no secrets). It reads no page itself, obeys the requests below, one at a time, and ends with its channel.
// Its children die with it.
#pragma once

#include "lib/base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum template_order {
    TEMPLATE_START, // descriptors: the child's channel, its shared memory
    TEMPLATE_END,   // kills the child of that pid if it still runs, and tells how it ended
};

struct template_request {
    uint32_t order;
    int32_t pid;           // TEMPLATE_END
    uint32_t needs_filter; // TEMPLATE_START
    uint32_t unused;
};

struct template_reply {
    int32_t error; // errno, 0: done
    int32_t pid;
    int32_t status; // TEMPLATE_END: as waitpid gives it
    uint32_t unused;
};

// The template's life: the exit status of its process. Descriptor 0 is its channel.
int sandbox_template_run(void);
