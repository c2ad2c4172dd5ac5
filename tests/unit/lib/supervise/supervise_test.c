// Supervises real processes: this program starts itself as a supervisor, whose services are this program again. All
// of them tell what they do, a line each, through their standard output, a pipe; its end of file proves that none is left.
#include "lib/supervise/supervise.h"

#include "lib/base/clock.h"
#include "lib/log/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { EVENTS_FD = STDOUT_FILENO, DEADLINE_MS = 20000, ALARM_S = 100 };

// --- what runs in the services ------------------------------------------------------------------

static void tell(const char *name, const char *what)
{
    char line[128];
    int len = snprintf(line, sizeof line, "%s %s %d\n", name, what, (int)getpid());
    (void)!write(EVENTS_FD, line, (size_t)len);
}

static int wait_for_signal(const char *name)
{
    sigset_t set;
    int got;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    tell(name, "ready"); // before the supervisor learns of it, so that the order is certain
    supervise_notify_ready();
    sigwait(&set, &got);
    tell(name, got == SIGTERM ? "drained" : "interrupted");
    return 0;
}

static int serve(const char *name)
{
    tell(name, "begins");
    return wait_for_signal(name);
}

static int crash(const char *name)
{
    tell(name, "begins");
    return 3;
}

static int despair(const char *name)
{
    tell(name, "begins");
    return SUPERVISE_EXIT_HOPELESS;
}

static int succeed(const char *name)
{
    tell(name, "begins");
    tell(name, "ends");
    return 0;
}

// Deaf to everything that can be ignored, but for the alarm that ends the leftovers of a failed test.
[[noreturn]] static void be_deaf(const char *name)
{
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    sigprocmask(SIG_BLOCK, &all, NULL);
    tell(name, "ready");
    supervise_notify_ready();
    for (;;)
        pause();
}

[[noreturn]] static int resist(const char *name)
{
    be_deaf(name);
}

[[noreturn]] static int never_ready(const char *name)
{
    tell(name, "begins");
    for (;;)
        pause();
}

// A service with a process of its own that does not mean to end.
static int have_child(const char *name)
{
    tell(name, "begins");
    pid_t pid = fork();
    if (pid == 0) {
        unsetenv("EVENTD_READY_FD"); // it speaks for nobody
        be_deaf("grandchild");
    }
    return wait_for_signal(name);
}

static bool line_of_status_is_zero(const char *key)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    bool zero = false;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            zero = strtoull(line + strlen(key), NULL, 16) == 0;
    if (file)
        fclose(file);
    return zero;
}

// What a child is born with: no foreign descriptors, no signal blocked or ignored, an empty standard input.
static int inspect(const char *name)
{
    char byte, path[64], target[64] = "";
    bool clean = line_of_status_is_zero("SigBlk:") && line_of_status_is_zero("SigIgn:");
    int ready_fd = atoi(getenv("EVENTD_READY_FD"));
    for (int fd = 3; fd < 200; fd++)
        if (fcntl(fd, F_GETFD) >= 0 && fd != ready_fd) {
            snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
            (void)!readlink(path, target, sizeof target - 1);
            clean = false;
        }
    clean = clean && read(STDIN_FILENO, &byte, 1) == 0 && getpgrp() == getpid();
    if (*target)
        fprintf(stderr, "inherited: %s\n", target);
    tell(name, clean ? "clean" : "unclean");
    return wait_for_signal(name);
}

// --- what runs in the supervisor ------------------------------------------------------------------

static void tell_ready(void *data)
{
    (void)data;
    tell("supervisor", "ready");
}

static bool third_time(void *data)
{
    return ++*(int *)data == 3;
}

static int start_questions, ready_questions;

static bool third_time_ready(void *data, pid_t pid)
{
    (void)data;
    return pid > 0 && third_time(&ready_questions);
}

// One row: {name, behaviour}. The behaviour is the child's second argument.
#define ARGV(name, behaviour)                   \
    (const char *const[])                       \
    {                                           \
        "supervise_test", behaviour, name, NULL \
    }
#define SERVICE(title, behaviour, ...) \
    {.name = (title), .argv = ARGV(title, behaviour) __VA_OPT__(, ) __VA_ARGS__}

static int supervise(const struct supervise_service *services, size_t count,
                     struct supervise_options options)
{
    options.services = services;
    options.count = count;
    options.on_ready = tell_ready;
    return supervise_run(&options);
}

static int in_order(void)
{
    const struct supervise_service services[] = {
        SERVICE("a", "serve"),
        SERVICE("step", "succeed", .needs = {"a"}, .policy = SUPERVISE_TRANSIENT),
        SERVICE("b", "serve", .needs = {"a", "step"}),
        SERVICE("c", "serve", .needs = {"b"}),
    };
    return supervise(services, ARRAY_LEN(services), (struct supervise_options){0});
}

static int hooks(void)
{
    const struct supervise_service services[] = {
        SERVICE("a", "serve", .may_start = third_time, .is_ready = third_time_ready,
                .data = &start_questions),
        SERVICE("b", "serve", .needs = {"a"}),
    };
    int status = supervise(services, ARRAY_LEN(services), (struct supervise_options){0});
    return status ? status : 10 * start_questions + ready_questions;
}

static int failing(void)
{
    const struct supervise_service services[] = {SERVICE("a", "serve"),
                                                 SERVICE("bad", "crash", .needs = {"a"})};
    return supervise(services, ARRAY_LEN(services),
                     (struct supervise_options){.max_restarts = 3, .backoff_min_ms = 1});
}

static int failing_step(void)
{
    const struct supervise_service services[] = {
        SERVICE("step", "crash", .policy = SUPERVISE_TRANSIENT),
        SERVICE("b", "serve", .needs = {"step"})};
    return supervise(services, ARRAY_LEN(services),
                     (struct supervise_options){.max_restarts = 2, .backoff_min_ms = 1});
}

static int failing_slowly(void)
{
    const struct supervise_service services[] = {SERVICE("bad", "crash")};
    return supervise(
        services, ARRAY_LEN(services),
        (struct supervise_options){
            .max_restarts = 1, .window_ms = 1, .backoff_min_ms = 2, .backoff_max_ms = 2});
}

static int hopeless(void)
{
    const struct supervise_service services[] = {SERVICE("a", "serve"),
                                                 SERVICE("bad", "despair", .needs = {"a"})};
    return supervise(services, ARRAY_LEN(services), (struct supervise_options){0});
}

static int missing_program(void)
{
    const struct supervise_service services[] = {
        SERVICE("bad", "serve", .path = "/nonexistent/program")};
    return supervise(services, ARRAY_LEN(services),
                     (struct supervise_options){.max_restarts = 1, .backoff_min_ms = 1});
}

static int stubborn(void)
{
    const struct supervise_service services[] = {
        SERVICE("a", "serve"), SERVICE("deaf", "resist", .needs = {"a"}, .stop_timeout_ms = 30)};
    return supervise(services, ARRAY_LEN(services), (struct supervise_options){0});
}

static int very_stubborn(void)
{
    const struct supervise_service services[] = {
        SERVICE("a", "serve"),
        SERVICE("deaf", "resist", .needs = {"a"}, .stop_timeout_ms = 3600000)};
    return supervise(services, ARRAY_LEN(services), (struct supervise_options){0});
}

static int unready(void)
{
    const struct supervise_service services[] = {
        SERVICE("late", "never_ready", .start_timeout_ms = 20)};
    return supervise(services, ARRAY_LEN(services),
                     (struct supervise_options){.max_restarts = 1, .backoff_min_ms = 1});
}

static int with_grandchild(void)
{
    const struct supervise_service services[] = {SERVICE("a", "have_child")};
    return supervise(services, ARRAY_LEN(services), (struct supervise_options){0});
}

static int inspected(void)
{
    const struct supervise_service services[] = {SERVICE("a", "inspect")};
    return supervise(services, ARRAY_LEN(services), (struct supervise_options){0});
}

// --- the tests ------------------------------------------------------------------------------------

static struct {
    pid_t pid;
    int events;
    char lines[64 * 1024]; // what was read and not yet asked for
    size_t len;
} run;

static void start_supervisor(const char *scenario)
{
    int events[2];
    assert_int_equal(pipe2(events, O_CLOEXEC), 0);
    run.pid = fork();
    if (run.pid == 0) {
        setpgid(0, 0);
        signal(SIGINT, SIG_IGN); // as a script's background command gets it
        dup2(events[1], EVENTS_FD);
        dup2(STDIN_FILENO, 30); // somebody's mistake: left open for whoever comes next
        execl("/proc/self/exe", "supervise_test", "supervisor", scenario, NULL);
        _exit(127);
    }
    setpgid(run.pid, run.pid);
    close(events[1]);
    run.events = events[0];
    run.len = 0;
}

// The next line, without its pid; "" at the end of file.
static const char *next_event(pid_t *ret_pid)
{
    static char line[128];
    uint64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
    char *end;
    while (!(end = memchr(run.lines, '\n', run.len))) {
        struct pollfd fd = {.fd = run.events, .events = POLLIN};
        uint64_t now = clock_monotonic_ms();
        if (now >= deadline || poll(&fd, 1, (int)(deadline - now)) <= 0)
            fail_msg("nothing happened for too long");
        size_t room = run.len < sizeof run.lines ? sizeof run.lines - run.len : 0;
        ssize_t n = read(run.events, run.lines + run.len, room);
        assert_true(n >= 0);
        if (n == 0)
            return "";
        run.len += (size_t)n;
    }
    char name[64], what[64];
    int pid;
    *end = '\0';
    assert_int_equal(sscanf(run.lines, "%63s %63s %d", name, what, &pid), 3);
    snprintf(line, sizeof line, "%s %s", name, what);
    size_t used = (size_t)(end + 1 - run.lines);
    memmove(run.lines, run.lines + used, run.len -= used);
    if (ret_pid)
        *ret_pid = pid;
    return line;
}

static pid_t expect(const char *event)
{
    pid_t pid = 0;
    assert_string_equal(next_event(&pid), event);
    return pid;
}

// Reads up to an event, whatever comes before.
static pid_t await(const char *event)
{
    pid_t pid = 0;
    for (;;) {
        const char *got = next_event(&pid);
        if (strcmp(got, event) == 0)
            return pid;
        if (!*got)
            fail_msg("everything ended before '%s'", event);
    }
}

static int end_of_supervisor(void)
{
    int status;
    assert_int_equal(waitpid(run.pid, &status, 0), run.pid);
    close(run.events);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void starts_and_stops_in_order(void **state)
{
    (void)state;
    static const char *const starts[] = {"a begins",  "a ready",  "step begins",
                                         "step ends", "b begins", "b ready",
                                         "c begins",  "c ready",  "supervisor ready"};
    start_supervisor("in_order");
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        expect(starts[i]);
    // As a terminal does it: to the whole group. Only the supervisor is in it.
    kill(-run.pid, SIGINT);
    expect("c drained");
    expect("b drained");
    expect("a drained");
    expect("");
    assert_int_equal(end_of_supervisor(), 0);
}

static void stops_while_starting(void **state)
{
    (void)state;
    start_supervisor("in_order");
    expect("a begins");
    kill(run.pid, SIGTERM);
    for (const char *event; *(event = next_event(NULL));)
        assert_string_not_equal(event, "supervisor ready");
    assert_int_equal(end_of_supervisor(), 0);
}

static void asks_the_hooks(void **state)
{
    (void)state;
    start_supervisor("hooks");
    // The hook answers whatever the child does: five lines in any order.
    bool b_began = false;
    for (int i = 0; i < 5; i++)
        b_began |= strcmp(next_event(NULL), "b begins") == 0;
    assert_true(b_began);
    kill(run.pid, SIGTERM);
    expect("b drained");
    expect("a drained");
    expect("");
    assert_int_equal(end_of_supervisor(), 33);
}

static void brings_a_killed_child_back(void **state)
{
    (void)state;
    start_supervisor("in_order");
    expect("a begins");
    pid_t first = expect("a ready");
    await("supervisor ready");
    for (int i = 0; i < 3; i++) {
        kill(first, SIGKILL);
        pid_t again = expect("a begins");
        assert_int_not_equal(first, again);
        first = expect("a ready"); // nobody else was touched
    }
    kill(run.pid, SIGTERM);
    expect("c drained");
    await("a drained");
    expect("");
    assert_int_equal(end_of_supervisor(), 0);
}

static void gives_up_on_a_crash_loop(void **state)
{
    (void)state;
    start_supervisor("failing");
    expect("a begins");
    expect("a ready");
    for (int i = 0; i < 4; i++) // the first time and three restarts
        expect("bad begins");
    expect("a drained");
    expect("");
    assert_int_equal(end_of_supervisor(), 1);
}

static void gives_up_on_a_failing_step(void **state)
{
    (void)state;
    start_supervisor("failing_step");
    for (int i = 0; i < 3; i++)
        expect("step begins");
    expect(""); // b was never started
    assert_int_equal(end_of_supervisor(), 1);
}

static void forgets_restarts_of_long_ago(void **state)
{
    (void)state;
    start_supervisor("failing_slowly");
    for (int i = 0; i < 10; i++)
        expect("bad begins");
    kill(run.pid, SIGTERM);
    while (*next_event(NULL))
        ;
    assert_int_equal(end_of_supervisor(), 0);
}

static void does_not_repeat_the_hopeless(void **state)
{
    (void)state;
    start_supervisor("hopeless");
    expect("a begins");
    expect("a ready");
    expect("bad begins");
    expect("a drained");
    expect("");
    assert_int_equal(end_of_supervisor(), 1);
}

static void survives_a_missing_program(void **state)
{
    (void)state;
    start_supervisor("missing_program");
    expect("");
    assert_int_equal(end_of_supervisor(), 1);
}

static void kills_what_does_not_stop(void **state)
{
    (void)state;
    start_supervisor("stubborn");
    await("supervisor ready");
    kill(run.pid, SIGTERM);
    expect("a drained"); // only after the deaf one is gone
    expect("");
    assert_int_equal(end_of_supervisor(), 0);
}

static void a_second_signal_kills(void **state)
{
    (void)state;
    start_supervisor("very_stubborn");
    await("supervisor ready");
    uint64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
    struct pollfd fd = {.fd = run.events, .events = POLLIN};
    kill(run.pid, SIGINT);
    do {
        assert_true(clock_monotonic_ms() < deadline);
        if (poll(&fd, 1, 50) == 0)
            kill(run.pid, SIGINT);
    } while (!fd.revents);
    while (*next_event(NULL))
        ;
    assert_int_equal(end_of_supervisor(), 0);
}

static void one_signal_delivered_twice_is_one(void **state)
{
    (void)state;
    start_supervisor("in_order");
    await("supervisor ready");
    kill(run.pid, SIGINT);
    kill(run.pid, SIGTERM);
    expect("c drained");
    expect("b drained");
    expect("a drained");
    expect("");
    assert_int_equal(end_of_supervisor(), 0);
}

static void kills_what_is_not_ready_in_time(void **state)
{
    (void)state;
    start_supervisor("unready");
    int starts = 0; // on a busy machine it may be killed before its first word
    for (const char *event; *(event = next_event(NULL)); starts++)
        assert_string_equal(event, "late begins");
    assert_in_range(starts, 0, 2);
    assert_int_equal(end_of_supervisor(), 1);
}

static void children_drain_when_the_supervisor_is_killed(void **state)
{
    (void)state;
    int status, drained = 0;
    start_supervisor("in_order");
    await("supervisor ready");
    kill(run.pid, SIGKILL);
    for (const char *event; *(event = next_event(NULL)); drained++)
        assert_non_null(strstr(event, " drained"));
    assert_int_equal(drained, 3);
    assert_int_equal(waitpid(run.pid, &status, 0), run.pid);
    close(run.events);
}

static void leaves_no_grandchildren(void **state)
{
    (void)state;
    start_supervisor("with_grandchild");
    await("supervisor ready");
    kill(run.pid, SIGTERM);
    await("a drained");
    while (*next_event(NULL))
        ;
    assert_int_equal(end_of_supervisor(), 0);
}

static void a_killed_child_takes_its_own_along(void **state)
{
    (void)state;
    start_supervisor("with_grandchild");
    pid_t old[2], again;
    old[0] = await("a begins");
    old[1] = await("grandchild ready");
    kill(old[0], SIGKILL);
    again = await("grandchild ready");
    assert_int_not_equal(old[1], again);
    kill(run.pid, SIGTERM);
    while (*next_event(NULL)) // the end of file: both grandchildren are gone
        ;
    assert_int_equal(end_of_supervisor(), 0);
}

static void children_are_born_clean(void **state)
{
    (void)state;
    start_supervisor("inspected");
    expect("a clean");
    await("supervisor ready");
    kill(run.pid, SIGTERM);
    expect("a drained");
    expect("");
    assert_int_equal(end_of_supervisor(), 0);
}

static int play(const char *behaviour, const char *name)
{
    static const struct {
        const char *name;
        int (*play)(const char *name);
    } behaviours[] = {
        {"serve", serve},
        {"crash", crash},
        {"despair", despair},
        {"succeed", succeed},
        {"resist", resist},
        {"inspect", inspect},
        {"never_ready", never_ready},
        {"have_child", have_child},
    };
    alarm(ALARM_S);
    for (size_t i = 0; i < ARRAY_LEN(behaviours); i++)
        if (strcmp(behaviours[i].name, behaviour) == 0)
            return behaviours[i].play(name);
    return 99;
}

static int play_supervisor(const char *name)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } scenarios[] = {
        {"in_order", in_order},
        {"hooks", hooks},
        {"failing", failing},
        {"failing_step", failing_step},
        {"failing_slowly", failing_slowly},
        {"hopeless", hopeless},
        {"missing_program", missing_program},
        {"stubborn", stubborn},
        {"very_stubborn", very_stubborn},
        {"unready", unready},
        {"with_grandchild", with_grandchild},
        {"inspected", inspected},
    };
    log_init("test", LOG_ERROR, LOG_TEXT);
    alarm(ALARM_S);
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        if (strcmp(scenarios[i].name, name) == 0)
            return scenarios[i].run();
    return 99;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_and_stops_in_order),
        cmocka_unit_test(stops_while_starting),
        cmocka_unit_test(asks_the_hooks),
        cmocka_unit_test(brings_a_killed_child_back),
        cmocka_unit_test(gives_up_on_a_crash_loop),
        cmocka_unit_test(gives_up_on_a_failing_step),
        cmocka_unit_test(forgets_restarts_of_long_ago),
        cmocka_unit_test(does_not_repeat_the_hopeless),
        cmocka_unit_test(survives_a_missing_program),
        cmocka_unit_test(kills_what_does_not_stop),
        cmocka_unit_test(a_second_signal_kills),
        cmocka_unit_test(one_signal_delivered_twice_is_one),
        cmocka_unit_test(kills_what_is_not_ready_in_time),
        cmocka_unit_test(children_drain_when_the_supervisor_is_killed),
        cmocka_unit_test(leaves_no_grandchildren),
        cmocka_unit_test(a_killed_child_takes_its_own_along),
        cmocka_unit_test(children_are_born_clean),
    };
    if (argc == 3 && strcmp(argv[1], "supervisor") == 0)
        return play_supervisor(argv[2]);
    if (argc == 3)
        return play(argv[1], argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
