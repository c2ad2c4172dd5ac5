// What child.c asks of the template through sandbox.c. Of extractor/sandbox only.
#pragma once

#include "extractor/sandbox/sandbox.h"
#include "extractor/sandbox/template.h"
#include "extractor/sandbox/wire.h"

// fds: the child's channel, its shared memory; they stay the caller's.
MUST_CHECK enum err sandbox_order_start(struct sandbox *sandbox, const int fds[static 2],
                                        pid_t *ret_pid, unsigned *ret_generation,
                                        struct error *ret_error);
// False when the template has gone, and so the child.
bool sandbox_order_end(struct sandbox *sandbox, pid_t pid, unsigned generation, int *ret_status);
