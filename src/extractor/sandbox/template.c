#include "extractor/sandbox/template.h"

#include "extractor/sandbox/wire.h"
#include "extractor/sandbox/worker.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 2 };

struct received {
    struct template_request request;
    int fds[MAX_DESCRIPTORS];
    size_t fd_count;
};

static void close_all(const struct received *received)
{
    for (size_t i = 0; i < received->fd_count; i++)
        close(received->fds[i]);
}

static void take_descriptors(struct msghdr *message, struct received *received)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count && received->fd_count < MAX_DESCRIPTORS; i++)
            memcpy(&received->fds[received->fd_count++], CMSG_DATA(c) + i * sizeof(int),
                   sizeof(int));
    }
}

// False when there is nothing more to do.
static bool receive(struct received *ret_received)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(MAX_DESCRIPTORS * sizeof(int))];
    } control = {0};
    struct iovec part = {&ret_received->request, sizeof ret_received->request};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t len;
    *ret_received = (struct received){0};
    while ((len = recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    if (len > 0)
        take_descriptors(&message, ret_received);
    return len == sizeof ret_received->request && !(message.msg_flags & MSG_TRUNC);
}

[[noreturn]] static void run_child(const struct received *received, pid_t template)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != template) // it died before the line above: nobody would tell us
        _exit(1);
    char *shared =
        mmap(NULL, SANDBOX_SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, received->fds[1], 0);
    if (shared == MAP_FAILED || dup2(received->fds[0], STDIN_FILENO) < 0)
        _exit(1);
    sandbox_worker_run(shared, received->request.needs_filter != 0);
}

static struct template_reply start_child(const struct received *received)
{
    if (received->fd_count != MAX_DESCRIPTORS)
        return (struct template_reply){.error = EINVAL};
    pid_t template = getpid();
    pid_t pid = fork();
    if (pid == 0)
        run_child(received, template);
    return (struct template_reply){.error = pid < 0 ? errno : 0, .pid = pid};
}

// Children are taken off the system here only: until then the number is the child's own.
static struct template_reply end_child(pid_t pid)
{
    struct template_reply reply = {.pid = pid};
    siginfo_t info;
    if (pid <= 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return (struct template_reply){.error = ECHILD};
    kill(pid, SIGKILL);
    if (waitpid(pid, &reply.status, 0) != pid)
        reply.error = errno;
    return reply;
}

int sandbox_template_run(void)
{
    struct received received;
    // A terminal's Ctrl-C is for the service, which drains first.
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
        signal(ignored[i], SIG_IGN);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (chdir("/") != 0)
        return 1;
    sandbox_worker_warm_up();
    while (receive(&received)) {
        struct template_reply reply = received.request.order == TEMPLATE_START
                                          ? start_child(&received)
                                          : end_child(received.request.pid);
        close_all(&received);
        if (send(STDIN_FILENO, &reply, sizeof reply, MSG_NOSIGNAL) != sizeof reply)
            break;
    }
    // Children die with it; LeakSanitizer has nothing to look at in a process that keeps its tables until the end.
    _exit(0);
}
