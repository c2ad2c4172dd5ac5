// From inside: each test forks, the child locks itself in and tries something.
#include "extractor/sandbox/lock.h"

#include "lib/base/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NO_FILTER = 77, HELD = 0, BROKEN = 1 };

// How a locked process ends that does this; skips the test where the kernel has no filter for us.
static int status_of(int (*act)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int refused = sandbox_lock();
        _exit(refused ? NO_FILTER : act());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_FILTER)
        skip();
    return status;
}

static void check_killed(int (*act)(void))
{
    int status = status_of(act);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void check_holds(int (*act)(void))
{
    int status = status_of(act);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), HELD);
}

static int open_file(void)
{
    return open("/etc/hostname", O_RDONLY) < 0 ? HELD : BROKEN;
}

static int open_network(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? HELD : BROKEN;
}

static int open_local_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? HELD : BROKEN;
}

static int run_program(void)
{
    char *const arguments[] = {(char[]){"true"}, NULL};
    execv("/bin/true", arguments);
    return HELD;
}

static int start_process(void)
{
    return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 ? HELD : BROKEN;
}

static int signal_another(void)
{
    return (int)syscall(SYS_kill, getppid(), 0) < 0 ? HELD : BROKEN;
}

static int signal_another_thread(void)
{
    return (int)syscall(SYS_tgkill, 1, 1, 0) < 0 ? HELD : BROKEN;
}

static int trace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? HELD : BROKEN;
}

static int use_other_architecture(void)
{
    return (int)syscall(0x40000000 | SYS_getpid) < 0 ? HELD : BROKEN; // x32
}

static int map_code(void)
{
    void *at =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? HELD : BROKEN;
}

static int remove_limit(void)
{
    return (int)syscall(SYS_prlimit64, 0, 0, NULL, NULL) < 0 ? HELD : BROKEN;
}

// No _exit behind it: that each is killed, and by what, is the test.
static void test_calls_that_kill(void **state)
{
    (void)state;
    static int (*const acts[])(void) = {
        open_network, open_local_socket,      run_program, start_process, signal_another_thread,
        trace,        use_other_architecture,
    };
    for (size_t i = 0; i < ARRAY_LEN(acts); i++)
        check_killed(acts[i]);
}

static void test_calls_that_sanitizers_need(void **state)
{
    (void)state;
    if (SANDBOX_IS_SANITIZED)
        skip();
    static int (*const acts[])(void) = {open_file, map_code, remove_limit, signal_another};
    for (size_t i = 0; i < ARRAY_LEN(acts); i++)
        check_killed(acts[i]);
}

// malloc in all sizes, and what else computing takes.
static int compute(void)
{
    size_t sum = 0;
    for (size_t size = 1; size <= 64 * 1024 * 1024; size *= 2) {
        char *memory = malloc(size);
        if (!memory)
            return BROKEN;
        memset(memory, 1, size);
        memory = realloc(memory, size * 2);
        sum += (size_t)memory[size - 1];
        free(memory);
    }
    return sum == 27 ? HELD : BROKEN;
}

static void test_computing_is_allowed(void **state)
{
    (void)state;
    check_holds(compute);
}

static int use_too_much_memory(void)
{
    size_t got = 0;
    for (char *part; got <= (size_t)SANDBOX_MEMORY_BYTES; got += 1024 * 1024) {
        part = malloc(1024 * 1024);
        if (!part)
            return got > (size_t)SANDBOX_MEMORY_BYTES / 2 ? HELD : BROKEN;
        part[0] = 1;
    }
    return BROKEN;
}

static void test_memory_has_an_end(void **state)
{
    (void)state;
    if (SANDBOX_IS_SANITIZED)
        skip();
    check_holds(use_too_much_memory);
}

static int break_invariant(void)
{
    abort();
}

static void test_abort_is_told_apart(void **state)
{
    (void)state;
    int status = status_of(break_invariant);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static int look_at_descriptors(void)
{
    char byte;
    for (int fd = 1; fd < 1024; fd++) {
        errno = 0;
        if (SANDBOX_IS_SANITIZED && fd <= STDERR_FILENO)
            continue;
        if (read(fd, &byte, 1) >= 0 || errno != EBADF)
            return BROKEN;
    }
    return HELD;
}

static void test_descriptors_are_closed(void **state)
{
    (void)state;
    int more[3] = {dup(0), open("/dev/null", O_RDWR), socket(AF_UNIX, SOCK_STREAM, 0)};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        assert_true(more[i] >= 0);
    check_holds(look_at_descriptors);
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        close(more[i]);
}

// A kernel, or a container, that refuses filters, played by a filter of our own.
static void refuse_filters(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(seccomp), 0) ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1,
                         SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP)) ||
        seccomp_load(filter))
        _exit(NO_FILTER);
    seccomp_release(filter);
}

static void test_without_a_filter_the_limits_hold(void **state)
{
    (void)state;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        refuse_filters();
        if (sandbox_lock() == 0)
            _exit(BROKEN);
        if (SANDBOX_IS_SANITIZED)
            _exit(HELD);
        errno = 0;
        bool is_open = open("/etc/hostname", O_RDONLY) >= 0 || errno != EMFILE ||
                       socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EMFILE;
        _exit(is_open ? BROKEN : HELD);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_FILTER)
        skip();
    assert_int_equal(WEXITSTATUS(status), HELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_that_kill),
        cmocka_unit_test(test_calls_that_sanitizers_need),
        cmocka_unit_test(test_computing_is_allowed),
        cmocka_unit_test(test_memory_has_an_end),
        cmocka_unit_test(test_abort_is_told_apart),
        cmocka_unit_test(test_descriptors_are_closed),
        cmocka_unit_test(test_without_a_filter_the_limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
