// Locking a process in: after it, it can compute, and read and write the descriptors that it has.
//
//   files      descriptors other than 0 are closed, no new one can be opened (RLIMIT_NOFILE)
//   calls      an allow-list of system calls (seccomp); any other kills the process with SIGSYS
//   memory     SANDBOX_MEMORY_BYTES more than the process has mapped now (RLIMIT_AS)
//   time       SANDBOX_CPU_SECONDS of its whole life (RLIMIT_CPU); the service ends single pages earlier
//   the rest   no new processes, no core file, no file may grow, no new privileges, cannot be traced by its equals
//
// Builds with AddressSanitizer or ThreadSanitizer keep descriptor 2 (reports), have no RLIMIT_AS (they map terabytes) and
// no RLIMIT_FSIZE and RLIMIT_NOFILE, and may also make those calls with which sanitizers look at their own process and
// write a report, which include opening files. Network, other processes and programs are out of reach there, too.
#pragma once

#include <signal.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_IS_SANITIZED 1
#else
#define SANDBOX_IS_SANITIZED 0
#endif

enum {
    // The arena of a page (EXTRACT_ARENA_BYTES), the record, and what libraries allocate besides.
    SANDBOX_MEMORY_BYTES = 640 * 1024 * 1024,
    SANDBOX_CPU_SECONDS = 120,
};

// Cannot be undone. 0, or the errno with which the kernel refused the filter of calls: then all else holds.
int sandbox_lock(void);
