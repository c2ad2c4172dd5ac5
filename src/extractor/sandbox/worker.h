// The sandboxed child: locks itself in, then reads one page after the other. Of extractor/sandbox only.
#pragma once

#include <stddef.h>

// Reads whatever takes a library's data from files or into memory: a locked process could not. Once, before forks.
void sandbox_worker_warm_up(void);

// Channel is descriptor 0, shared is of SANDBOX_SHARED_BYTES. Until the channel ends, or something is wrong with it.
// needs_filter: ends instead of going on without a filter of system calls.
[[noreturn]] void sandbox_worker_run(char *shared, bool needs_filter);
