#include "lib/supervise/supervise.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/log/log.h"
#include "lib/supervise/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MAX_RESTARTS = 5,
    WINDOW_MS = 60000,
    BACKOFF_MIN_MS = 100,
    BACKOFF_MAX_MS = 5000,
    HEALTHY_MS = 60000,
    START_TIMEOUT_MS = 60000,
    STOP_TIMEOUT_MS = 10000,
    KILL_TIMEOUT_MS = 5000,
    ASK_START_MS = 50,
    ASK_READY_MS = 20,
    SAME_SIGNAL_MS = 500, // two signals closer together than this are one
};

enum state {
    STATE_WAITING,  // to be started at `due`, when its needs are ready
    STATE_STARTING, // runs, not ready yet; `due`: when that has taken too long
    STATE_READY,
    STATE_DONE,     // transient and ended well
    STATE_STOPPING, // was asked to end; `due`: when the next stronger signal is sent
    STATE_STOPPED,
};

struct child {
    const struct supervise_service *service;
    enum state state;
    pid_t pid;    // 0: does not run
    int ready_fd; // -1: none
    uint64_t due_ms, since_ms;
    uint32_t backoff_ms;
    int last_signal; // while stopping
    uint64_t restarts_ms[SUPERVISE_MAX_RESTARTS];
    unsigned restart_count; // all of them; the ring above keeps the newest
};

struct supervisor {
    struct supervise_options options;
    struct child children[SUPERVISE_MAX_SERVICES];
    int signal_fd;
    bool was_ready;
    bool stopping, killing;
    uint64_t asked_ms; // when the first signal to stop came; 0: none yet
    int exit_status;
};

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value ? value : fallback;
}

static bool is_running(const struct child *child)
{
    return child->pid != 0;
}

static bool is_up(const struct child *child)
{
    return child->state == STATE_READY || child->state == STATE_DONE;
}

// There is one: the table is a constant of the program.
static struct child *child_named(struct supervisor *s, const char *name)
{
    size_t i = 0;
    while (i < s->options.count && strcmp(s->children[i].service->name, name) != 0)
        i++;
    ensure(i < s->options.count);
    return &s->children[i];
}

static struct child *child_with_pid(struct supervisor *s, pid_t pid)
{
    for (size_t i = 0; i < s->options.count; i++)
        if (s->children[i].pid == pid)
            return &s->children[i];
    return NULL;
}

static void set_state(struct child *child, enum state state, uint64_t due_ms)
{
    child->state = state;
    child->since_ms = clock_monotonic_ms();
    child->due_ms = due_ms;
}

static void close_ready_fd(struct child *child)
{
    if (child->ready_fd >= 0)
        close(child->ready_fd);
    child->ready_fd = -1;
}

static void send_signal(struct child *child, int signal_number)
{
    // The child was not reaped yet, so the number is still its own.
    kill(child->pid, signal_number);
    child->last_signal = signal_number;
}

static void begin_stop(struct supervisor *s, const char *reason, int exit_status)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->exit_status = exit_status;
    if (exit_status)
        log_error("supervisor_gives_up", log_str("reason", reason));
    else
        log_info("supervisor_stopping", log_str("reason", reason));
}

static void mark_ready(struct child *child)
{
    uint64_t took_ms = clock_monotonic_ms() - child->since_ms;
    close_ready_fd(child);
    log_info("service_ready", log_str("name", child->service->name), log_int("pid", child->pid),
             log_int("took_ms", (int64_t)took_ms));
    set_state(child, STATE_READY, 0);
}

// Notes one more restart; false when there were too many in the window.
static bool may_restart(struct supervisor *s, struct child *child)
{
    unsigned max = s->options.max_restarts;
    uint64_t now = clock_monotonic_ms();
    uint64_t *oldest = &child->restarts_ms[child->restart_count % max];
    if (child->restart_count >= max && now - *oldest < s->options.window_ms)
        return false;
    *oldest = now;
    child->restart_count++;
    return true;
}

static void plan_restart(struct supervisor *s, struct child *child, bool was_healthy)
{
    if (!may_restart(s, child)) {
        set_state(child, STATE_STOPPED, 0);
        log_error("service_keeps_ending", log_str("name", child->service->name),
                  log_int("restarts", s->options.max_restarts),
                  log_int("within_ms", s->options.window_ms));
        begin_stop(s, "a service ends again and again; its own log lines above say why", 1);
        return;
    }
    if (was_healthy)
        child->backoff_ms = s->options.backoff_min_ms;
    uint32_t delay_ms = child->backoff_ms;
    child->backoff_ms =
        delay_ms > s->options.backoff_max_ms / 2 ? s->options.backoff_max_ms : delay_ms * 2;
    log_info("service_restarts", log_str("name", child->service->name), log_int("in_ms", delay_ms));
    set_state(child, STATE_WAITING, clock_monotonic_ms() + delay_ms);
}

static void log_ended(const struct child *child, int status, bool expected)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const char *signal_name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
    const struct log_field fields[] = {
        log_str("name", child->service->name),
        log_int("pid", child->pid),
        code >= 0 ? log_int("status", code) : log_str("signal", signal_name ? signal_name : "?"),
        log_int("after_ms", (int64_t)(clock_monotonic_ms() - child->since_ms)),
    };
    enum log_level level = expected ? LOG_INFO : LOG_WARN;
    if (log_enabled(level))
        log_write(level, expected ? "service_stopped" : "service_ended", fields, ARRAY_LEN(fields));
}

static void child_ended(struct supervisor *s, struct child *child, int status)
{
    bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    bool hopeless = WIFEXITED(status) && WEXITSTATUS(status) == SUPERVISE_EXIT_HOPELESS;
    bool transient = child->service->policy == SUPERVISE_TRANSIENT;
    bool was_healthy = child->state == STATE_READY &&
                       clock_monotonic_ms() - child->since_ms >= s->options.healthy_ms;
    bool expected = child->state == STATE_STOPPING || (transient && ended_well);
    log_ended(child, status, expected);
    close_ready_fd(child);
    child->pid = 0;
    if (child->state == STATE_STOPPING || s->stopping)
        set_state(child, STATE_STOPPED, 0);
    else if (transient && ended_well)
        set_state(child, STATE_DONE, 0);
    else if (hopeless) {
        set_state(child, STATE_STOPPED, 0);
        begin_stop(s, "a service cannot run with this configuration; its own log line says why", 1);
    } else
        plan_restart(s, child, was_healthy);
}

static void reap(struct supervisor *s)
{
    pid_t pid;
    int status;
    while (child_reap(&pid, &status)) {
        struct child *child = child_with_pid(s, pid);
        if (child) // else an orphan that fell to us as process 1
            child_ended(s, child, status);
    }
}

static void start_child(struct supervisor *s, struct child *child)
{
    struct error error = {0};
    const struct supervise_service *service = child->service;
    uint32_t timeout_ms = or_default(service->start_timeout_ms, START_TIMEOUT_MS);
    if (child_spawn(service, &child->pid, &child->ready_fd, &error)) {
        log_error("service_not_started", log_str("name", service->name),
                  log_str("reason", error.detail));
        plan_restart(s, child, false);
        return;
    }
    child->last_signal = 0;
    log_debug("service_starting", log_str("name", service->name), log_int("pid", child->pid));
    set_state(child, STATE_STARTING, clock_monotonic_ms() + timeout_ms);
}

static bool needs_are_up(struct supervisor *s, const struct child *child)
{
    for (size_t i = 0; i < SUPERVISE_MAX_NEEDS && child->service->needs[i]; i++)
        if (!is_up(child_named(s, child->service->needs[i])))
            return false;
    return true;
}

static void try_start(struct supervisor *s, struct child *child)
{
    const struct supervise_service *service = child->service;
    uint64_t now = clock_monotonic_ms();
    if (now < child->due_ms || !needs_are_up(s, child))
        return;
    if (service->may_start && !service->may_start(service->data)) {
        child->due_ms = now + ASK_START_MS;
        return;
    }
    start_child(s, child);
}

static bool has_become_ready(struct child *child)
{
    const struct supervise_service *service = child->service;
    char byte;
    if (service->is_ready)
        return service->is_ready(service->data, child->pid);
    ssize_t n = child->ready_fd >= 0 ? read(child->ready_fd, &byte, 1) : -1;
    if (n == 0) // closed without a word: what is left is to wait for the time-out or the end
        close_ready_fd(child);
    return n == 1;
}

static void check_started(struct child *child)
{
    if (has_become_ready(child)) {
        mark_ready(child);
    } else if (clock_monotonic_ms() >= child->due_ms) {
        log_warn("service_not_ready_in_time", log_str("name", child->service->name),
                 log_int("pid", child->pid));
        send_signal(child, SIGKILL); // its end is then an ordinary one
        child->due_ms = UINT64_MAX;
    }
}

static void ask_to_stop(struct child *child)
{
    const struct supervise_service *service = child->service;
    log_debug("service_stopping", log_str("name", service->name), log_int("pid", child->pid));
    // Its readiness pipe stays open: a child about to say that it is ready must not be struck by SIGPIPE.
    set_state(child, STATE_STOPPING,
              clock_monotonic_ms() + or_default(service->stop_timeout_ms, STOP_TIMEOUT_MS));
    send_signal(child, service->stop_signal ? service->stop_signal : SIGTERM);
}

static void press_to_stop(struct child *child)
{
    int kill_signal = child->service->kill_signal ? child->service->kill_signal : SIGKILL;
    // First the strong signal, then the one that nothing withstands.
    if (child->last_signal == kill_signal)
        kill_signal = SIGKILL;
    log_warn("service_killed", log_str("name", child->service->name), log_int("pid", child->pid));
    send_signal(child, kill_signal);
    child->due_ms = kill_signal == SIGKILL ? UINT64_MAX : clock_monotonic_ms() + KILL_TIMEOUT_MS;
}

// One child at a time, the last of the table first; all at once when killing. False when none runs any more.
static bool stop_children(struct supervisor *s)
{
    bool running = false;
    for (size_t i = s->options.count; i-- > 0;) {
        struct child *child = &s->children[i];
        if (!is_running(child))
            continue;
        running = true;
        if (child->state != STATE_STOPPING)
            ask_to_stop(child);
        int asked = child->service->stop_signal ? child->service->stop_signal : SIGTERM;
        bool only_asked = child->last_signal == asked;
        if (clock_monotonic_ms() >= child->due_ms || (s->killing && only_asked))
            press_to_stop(child);
        if (!s->killing)
            break;
    }
    return running;
}

static void run_children(struct supervisor *s)
{
    bool all_up = true;
    for (size_t i = 0; i < s->options.count; i++) {
        struct child *child = &s->children[i];
        if (child->state == STATE_WAITING)
            try_start(s, child);
        if (child->state == STATE_STARTING)
            check_started(child);
        all_up = all_up && is_up(child);
    }
    if (all_up && !s->was_ready) {
        s->was_ready = true;
        if (s->options.on_ready)
            s->options.on_ready(s->options.data);
    }
}

static void take_stop_signal(struct supervisor *s, const char *name)
{
    uint64_t now = clock_monotonic_ms();
    begin_stop(s, name, 0); // unless it stops already, for its own reason
    if (!s->asked_ms) {
        s->asked_ms = now;
    } else if (now - s->asked_ms >= SAME_SIGNAL_MS && !s->killing) {
        log_warn("supervisor_kills", log_str("reason", name));
        s->killing = true;
    }
}

static void take_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signal_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            reap(s);
        else
            take_stop_signal(s, sigabbrev_np((int)info.ssi_signo));
    }
}

// How long nothing can change by itself.
static int time_to_wait(struct supervisor *s)
{
    uint64_t now = clock_monotonic_ms(), next = now + 60000;
    for (size_t i = 0; i < s->options.count; i++) {
        const struct child *child = &s->children[i];
        uint64_t at = UINT64_MAX;
        if (child->state == STATE_STOPPING || child->state == STATE_STARTING)
            at = child->due_ms;
        if (child->state == STATE_STARTING && child->service->is_ready)
            at = now + ASK_READY_MS;
        // One whose needs are missing waits for them, not for the clock.
        if (child->state == STATE_WAITING && !s->stopping && needs_are_up(s, child))
            at = child->due_ms;
        if (at < next)
            next = at;
    }
    return next > now ? (int)(next - now) : 0;
}

static void wait_for_something(struct supervisor *s)
{
    struct pollfd fds[SUPERVISE_MAX_SERVICES + 1] = {{.fd = s->signal_fd, .events = POLLIN}};
    nfds_t count = 1;
    for (size_t i = 0; i < s->options.count; i++)
        if (s->children[i].ready_fd >= 0)
            fds[count++] = (struct pollfd){.fd = s->children[i].ready_fd, .events = POLLIN};
    int n = poll(fds, count, time_to_wait(s));
    ensure(n >= 0 || errno == EINTR);
}

// Takes over the signals; what was blocked before comes back afterwards (ret_before).
static int open_signals(sigset_t *ret_before)
{
    static const int taken[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
    const struct sigaction by_default = {.sa_handler = SIG_DFL}, ignored = {.sa_handler = SIG_IGN};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        // A script's background commands inherit an ignored INT, which would never reach the descriptor.
        sigaction(taken[i], &by_default, NULL);
        sigaddset(&set, taken[i]);
    }
    sigaction(SIGPIPE, &ignored, NULL); // whoever reads our log lines may go away
    sigprocmask(SIG_BLOCK, &set, ret_before);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    ensure(fd >= 0);
    return fd;
}

static void supervisor_init(struct supervisor *s, const struct supervise_options *options)
{
    *s = (struct supervisor){.options = *options};
    struct supervise_options *o = &s->options;
    o->max_restarts = or_default(o->max_restarts, MAX_RESTARTS);
    o->window_ms = or_default(o->window_ms, WINDOW_MS);
    o->backoff_min_ms = or_default(o->backoff_min_ms, BACKOFF_MIN_MS);
    o->backoff_max_ms = or_default(o->backoff_max_ms, BACKOFF_MAX_MS);
    o->healthy_ms = or_default(o->healthy_ms, HEALTHY_MS);
    ensure(o->count <= SUPERVISE_MAX_SERVICES && o->max_restarts <= SUPERVISE_MAX_RESTARTS);
    for (size_t i = 0; i < o->count; i++) {
        const struct supervise_service *service = &o->services[i];
        for (size_t j = 0; j < SUPERVISE_MAX_NEEDS && service->needs[j]; j++) {
            const struct child *needed = child_named(s, service->needs[j]);
            ensure(needed < &s->children[i]);
        }
        s->children[i] =
            (struct child){.service = service, .ready_fd = -1, .backoff_ms = o->backoff_min_ms};
    }
}

int supervise_run(const struct supervise_options *options)
{
    struct supervisor supervisor, *s = &supervisor;
    sigset_t before;
    supervisor_init(s, options);
    s->signal_fd = open_signals(&before);
    for (;;) {
        take_signals(s);
        if (!s->stopping)
            run_children(s);
        if (s->stopping && !stop_children(s))
            break;
        wait_for_something(s);
    }
    close(s->signal_fd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    log_info("supervisor_stopped", log_int("status", s->exit_status));
    return s->exit_status;
}
