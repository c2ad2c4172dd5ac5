#include "extractor/sandbox/lock.h"

#include "lib/base/compiler.h"
#include "lib/base/ensure.h"

#include <errno.h>
#include <linux/close_range.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// What computing, malloc and the exchange with the service take. Calls with conditions of their own stand below.
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(sched_getaffinity), // malloc counts processors when it is short of memory
    SCMP_SYS(sched_yield),
    // abort(): a broken invariant is to be told apart from a forbidden call.
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
#if SANDBOX_IS_SANITIZED
    SCMP_SYS(openat),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(lseek),
    SCMP_SYS(pread64),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(ioctl),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(msync),
    SCMP_SYS(mincore),
    SCMP_SYS(uname),
    SCMP_SYS(getppid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(prlimit64),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(prctl),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
#endif
};

static int add_conditional(scmp_filter_ctx filter)
{
    // No memory that can be executed: neither new nor made so later.
    static const int mapping[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    int failed = 0;
    for (size_t i = 0; i < ARRAY_LEN(mapping) && !failed && !SANDBOX_IS_SANITIZED; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, mapping[i], 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (!failed)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return failed;
}

static void release_filter(scmp_filter_ctx *filter)
{
    seccomp_release(*filter); // NULL is fine
}

static int install_filter(void)
{
    scmp_filter_ctx filter CLEANUP(release_filter) = seccomp_init(SCMP_ACT_KILL_PROCESS);
    ensure(filter != NULL);
    int failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!failed) // errors as the kernel gave them
        failed = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
    for (size_t i = 0; i < ARRAY_LEN(allowed) && !failed; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (!failed)
        failed = add_conditional(filter);
    if (!failed)
        failed = seccomp_load(filter);
    return -failed;
}

// Bytes that this process has mapped.
static rlim_t mapped_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void limit(int resource, rlim_t most)
{
    const struct rlimit limits = {most, most};
    struct rlimit now;
    // Fails where less is allowed already, which is as good.
    if (setrlimit((__rlimit_resource_t)resource, &limits) != 0)
        ensure(getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_max <= most);
}

static void limit_all(void)
{
    rlim_t mapped = mapped_bytes();
    if (!SANDBOX_IS_SANITIZED) {
        // Without /proc the size of what is mapped is not known: then a generous guess.
        limit(RLIMIT_AS, (mapped ? mapped : 512 * 1024 * 1024) + SANDBOX_MEMORY_BYTES);
        limit(RLIMIT_FSIZE, 0);
        limit(RLIMIT_NOFILE, 1);
    }
    limit(RLIMIT_CPU, SANDBOX_CPU_SECONDS);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, 0);
}

int sandbox_lock(void)
{
    if (!SANDBOX_IS_SANITIZED)
        close_range(STDOUT_FILENO, STDERR_FILENO, 0);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    ensure(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    ensure(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
    limit_all();
    return install_filter();
}
