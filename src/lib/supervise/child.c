#include "lib/supervise/child.h"

#include "lib/base/ensure.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_VARIABLE "EVENTD_READY_FD"

// Everything that the child needs, prepared before the fork: behind it only async-signal-safe calls are allowed.
struct start {
    const char *path;
    char *const *argv;
    char **environment;
    int ready_fd, null_fd;
    int parent_death_signal;
    pid_t parent;
};

[[noreturn]] static void run_child(const struct start *start)
{
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    sigset_t none;
    setpgid(0, 0);
    for (int sig = 1; sig < NSIG; sig++)
        sigaction(sig, &by_default, NULL); // fails for a few, rightly
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(start->null_fd, STDIN_FILENO);
    fcntl(STDIN_FILENO, F_SETFD, 0); // when it was that number already
    // Also what others have left open for us: a child gets the three standard files and its own one.
    close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
    if (start->ready_fd >= 0)
        fcntl(start->ready_fd, F_SETFD, 0);
    prctl(PR_SET_PDEATHSIG, start->parent_death_signal);
    if (getppid() != start->parent) // died before the line above: nobody would tell us
        _exit(1);
    execve(start->path, start->argv, start->environment);
    _exit(errno == ENOENT ? 127 : 126);
}

// This process's environment with the readiness descriptor in it (none: -1); free with environment_free.
static char **environment_new(int ready_fd)
{
    size_t count = 0, out = 0;
    while (environ[count])
        count++;
    char **copy = calloc(count + 2, sizeof *copy);
    ensure(copy != NULL);
    ensure(asprintf(&copy[out++], READY_VARIABLE "=%d", ready_fd) > 0);
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], READY_VARIABLE "=", strlen(READY_VARIABLE "=")) != 0)
            copy[out++] = environ[i];
    return copy;
}

static void environment_free(char **environment)
{
    free(environment[0]); // the others are borrowed
    free(environment);
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

enum err child_spawn(const struct supervise_service *service, pid_t *ret_pid, int *ret_ready_fd,
                     struct error *ret_error)
{
    int ready[2] = {-1, -1};
    bool says_so = service->policy == SUPERVISE_PERMANENT && !service->is_ready;
    if (says_so && pipe2(ready, O_CLOEXEC) != 0)
        return error_set(ret_error, ERR_IO, "pipe: %s", strerror(errno));
    if (says_so) // only our end: the service does not expect a non-blocking one
        fcntl(ready[0], F_SETFL, O_NONBLOCK);
    struct start start = {
        .path = service->path ? service->path : "/proc/self/exe",
        .argv = (char *const *)(uintptr_t)service->argv, // execve does not change them
        .environment = environment_new(ready[1]),
        .ready_fd = ready[1],
        .null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
        .parent_death_signal = service->stop_signal ? service->stop_signal : SIGTERM,
        .parent = getpid(),
    };
    pid_t pid = start.null_fd < 0 ? -1 : fork();
    if (pid == 0)
        run_child(&start);
    int failed = errno;
    if (pid > 0)
        setpgid(pid, pid); // in both, so that it is true whoever runs first
    environment_free(start.environment);
    close_if_open(start.null_fd);
    close_if_open(ready[1]);
    if (pid < 0) {
        close_if_open(ready[0]);
        return error_set(ret_error, ERR_IO, "fork: %s", strerror(failed));
    }
    *ret_pid = pid;
    *ret_ready_fd = ready[0];
    return ERR_OK;
}

bool child_reap(pid_t *ret_pid, int *ret_status)
{
    siginfo_t info = {0};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
        return false;
    kill(-info.si_pid, SIGKILL);
    *ret_pid = waitpid(info.si_pid, ret_status, 0);
    ensure(*ret_pid == info.si_pid);
    return true;
}

void supervise_notify_ready(void)
{
    static atomic_flag told = ATOMIC_FLAG_INIT;
    const char *text = getenv(READY_VARIABLE);
    int fd = text ? atoi(text) : -1;
    // Once: afterwards the number may be another file's.
    if (fd <= STDERR_FILENO || atomic_flag_test_and_set(&told))
        return;
    (void)!write(fd, "\n", 1);
    close(fd);
}
