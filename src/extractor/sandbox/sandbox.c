// The template's side of the service: starting it, and what it is asked.
#include "extractor/sandbox/sandbox.h"

#include "extractor/sandbox/link.h"
#include "lib/base/ensure.h"
#include "lib/log/log.h"
#include "lib/metric/metric.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ORDER_TIMEOUT_S = 20, // a template that has just been started has a program to load first
    FIRST_WORD_MS = 20000,
};

static struct metric filtered =
    METRIC_GAUGE("extractor_sandbox_filtered",
                 "1: the kernel filters the system calls of those who read pages; 0: it does not.");

struct sandbox {
    struct sandbox_options options;
    atomic_uint references;

    pthread_mutex_t lock; // guards what follows; held during an exchange with the template
    pid_t template;       // 0: none
    int channel;          // -1: none
    unsigned generation;  // of the template
    bool stopped;
};

uint32_t sandbox_timeout_ms(const struct sandbox *sandbox)
{
    return sandbox->options.timeout_ms;
}

// --------------------------------------------------------------------------------------------- the process

// Secrets of the service's environment stay with it.
static void keep_environment(char *ret_kept[static 8])
{
    static const char *const wanted[] = {
        "LD_LIBRARY_PATH=", "ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS="};
    size_t count = 0;
    for (char **variable = environ; *variable; variable++)
        for (size_t i = 0; i < ARRAY_LEN(wanted) && count < ARRAY_LEN(wanted); i++)
            if (strncmp(*variable, wanted[i], strlen(wanted[i])) == 0)
                ret_kept[count++] = *variable;
    ret_kept[count] = NULL;
}

// posix_spawn: nothing of ours runs between fork and exec, however many threads there are.
static int spawn(const char *program, int channel, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *const arguments[] = {(char[]){"eventd"}, (char[]){"extract-child"}, NULL};
    char *environment[8];
    sigset_t none, all;
    keep_environment(environment);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, channel, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn(ret_pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static enum err start_template(struct sandbox *sandbox, struct error *ret_error)
{
    int pair[2];
    const struct timeval patience = {.tv_sec = ORDER_TIMEOUT_S};
    const char *program = sandbox->options.program ? sandbox->options.program : "/proc/self/exe";
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return error_set(ret_error, ERR_IO, "socketpair: %s", strerror(errno));
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    int failed = spawn(program, pair[1], &sandbox->template);
    close(pair[1]);
    if (failed) {
        close(pair[0]);
        sandbox->template = 0;
        return error_set(ret_error, ERR_IO, "%s: %s", program, strerror(failed));
    }
    sandbox->channel = pair[0];
    sandbox->generation++;
    return ERR_OK;
}

// Its children follow it by the kernel's hand.
static void end_template(struct sandbox *sandbox)
{
    if (sandbox->channel >= 0)
        close(sandbox->channel);
    sandbox->channel = -1;
    if (sandbox->template == 0)
        return;
    kill(sandbox->template, SIGKILL);
    waitpid(sandbox->template, NULL, 0);
    sandbox->template = 0;
}

// --------------------------------------------------------------------------------------------------- orders

static bool send_order(int channel, const struct template_request *request, const int *fds,
                       size_t fd_count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)request, sizeof *request};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ensure(fd_count <= 2);
    if (fd_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, fd_count * sizeof(int));
    }
    return sendmsg(channel, &message, MSG_NOSIGNAL) == sizeof *request;
}

static bool receive_reply(int channel, struct template_reply *ret_reply)
{
    ssize_t len;
    while ((len = recv(channel, ret_reply, sizeof *ret_reply, 0)) < 0 && errno == EINTR)
        ;
    return len == sizeof *ret_reply;
}

// With the lock held. A template that does not answer is ended; the next order has another one.
static enum err exchange(struct sandbox *sandbox, const struct template_request *request,
                         const int *fds, size_t fd_count, struct template_reply *ret_reply,
                         struct error *ret_error)
{
    if (send_order(sandbox->channel, request, fds, fd_count) &&
        receive_reply(sandbox->channel, ret_reply))
        return ERR_OK;
    log_warn("sandbox_template_ended", log_int("pid", sandbox->template));
    end_template(sandbox);
    return error_set(ret_error, ERR_IO, "the template of the sandbox has ended");
}

enum err sandbox_order_start(struct sandbox *sandbox, const int fds[static 2], pid_t *ret_pid,
                             unsigned *ret_generation, struct error *ret_error)
{
    const struct template_request request = {.order = TEMPLATE_START,
                                             .needs_filter = sandbox->options.needs_filter};
    struct template_reply reply = {0};
    enum err err = ERR_OK;
    pthread_mutex_lock(&sandbox->lock);
    if (sandbox->stopped)
        err = error_set(ret_error, ERR_SHUTTING_DOWN, "the sandbox is closed");
    // Twice: whoever finds out that the template has died does not have to suffer for it.
    for (int attempt = 0; attempt < 2 && !err; attempt++) {
        if (sandbox->channel < 0)
            err = start_template(sandbox, ret_error);
        if (err || !exchange(sandbox, &request, fds, 2, &reply, ret_error))
            break;
        if (attempt == 1)
            err = ERR_IO;
    }
    *ret_generation = sandbox->generation;
    pthread_mutex_unlock(&sandbox->lock);
    if (!err && reply.error)
        err = error_set(ret_error, ERR_IO, "fork: %s", strerror(reply.error));
    *ret_pid = err ? 0 : reply.pid;
    return err;
}

bool sandbox_order_end(struct sandbox *sandbox, pid_t pid, unsigned generation, int *ret_status)
{
    const struct template_request request = {.order = TEMPLATE_END, .pid = pid};
    struct template_reply reply = {0};
    pthread_mutex_lock(&sandbox->lock);
    // Another template's number may be another process's.
    bool told = generation == sandbox->generation && sandbox->channel >= 0 &&
                !exchange(sandbox, &request, NULL, 0, &reply, NULL) && !reply.error;
    pthread_mutex_unlock(&sandbox->lock);
    *ret_status = reply.status;
    return told;
}

// ----------------------------------------------------------------------------------------------------- life

// A child's first word says what the kernel gives.
static enum err try_out(struct sandbox *sandbox, struct error *ret_error)
{
    struct sandbox_child child = {0};
    struct buffer record CLEANUP(buffer_done);
    buffer_init(&record, EXTRACTOR_MAX_ANSWER);
    enum err err = sandbox_child_start(sandbox, &child, ret_error);
    if (err)
        return err;
    struct pollfd channel = {.fd = child.channel, .events = POLLIN};
    enum sandbox_word word = poll(&channel, 1, FIRST_WORD_MS) == 1
                                 ? sandbox_child_receive(&child, &record)
                                 : SANDBOX_WORD_LOST;
    bool is_filtered = child.filter_errno == 0;
    int refused = child.filter_errno;
    sandbox_child_end(sandbox, &child, SANDBOX_END_STOPPED);
    if (word != SANDBOX_WORD_NONE) {
        if (sandbox->options.needs_filter)
            return error_set(ret_error, ERR_CONFIG_INVALID,
                             "EXTRACTOR_SANDBOX=required, but a child cannot be locked in here");
        return error_set(ret_error, ERR_IO, "a sandboxed child ends before it begins");
    }
    metric_set(metric_series(&filtered), is_filtered);
    if (!is_filtered)
        log_warn("sandbox_without_filter", log_str("detail", strerror(refused)),
                 log_str("hint", "system calls of those who read pages are not filtered; limits of "
                                 "memory, files and processes hold"));
    return ERR_OK;
}

enum err sandbox_new(const struct sandbox_options *options, struct sandbox **ret_sandbox,
                     struct error *ret_error)
{
    struct sandbox *sandbox = calloc(1, sizeof *sandbox);
    ensure(sandbox != NULL);
    sandbox->options = *options;
    sandbox->references = 1;
    sandbox->channel = -1;
    pthread_mutex_init(&sandbox->lock, NULL);
    enum err err = try_out(sandbox, ret_error);
    if (err)
        sandbox_release(sandbox);
    *ret_sandbox = err ? NULL : sandbox;
    return err;
}

void sandbox_stop(struct sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    sandbox->stopped = true;
    end_template(sandbox);
    pthread_mutex_unlock(&sandbox->lock);
}

struct sandbox *sandbox_hold(struct sandbox *sandbox)
{
    sandbox->references++;
    return sandbox;
}

void sandbox_release(struct sandbox *sandbox)
{
    if (!sandbox || --sandbox->references > 0)
        return;
    sandbox_stop(sandbox);
    pthread_mutex_destroy(&sandbox->lock);
    free(sandbox);
}

void sandbox_release_cleanup(struct sandbox **sandbox)
{
    sandbox_release(*sandbox);
}
