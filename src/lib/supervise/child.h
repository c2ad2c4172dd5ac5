// Starting one child process. Of lib/supervise only.
#pragma once

#include "lib/base/error.h"
#include "lib/supervise/supervise.h"

// Starts it. ret_ready_fd is the reading end of its readiness pipe (close-on-exec, non-blocking; the caller closes it),
// or -1 when the service has other ways to become ready.
MUST_CHECK enum err child_spawn(const struct supervise_service *service, pid_t *ret_pid,
                                int *ret_ready_fd, struct error *ret_error);

// Takes one ended child, ours or an orphan that became ours, off the system. What is left of its process group is
// killed first, while its number cannot be given to anybody else. False when none has ended.
bool child_reap(pid_t *ret_pid, int *ret_status);
