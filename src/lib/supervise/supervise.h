// A supervisor of child processes, after Erlang/OTP's: a table of services, each started when those it needs are
// ready, started again when it ends, and stopped in the reverse order of the table.
//
// Restarts: a child that ends is started again after a back-off of 100 ms, doubled up to 5 s, that begins anew after a
// minute of health. One that ends more than 5 times in 60 s, or that exits with SUPERVISE_EXIT_HOPELESS, cannot be
// helped by restarts: the supervisor stops everything and returns 1, so that whoever started it sees it.
//
// Signals: TERM, INT or HUP stops: the last service of the table first, each drained before the next one is asked. A
// second one, later than half a second after the first (a terminal and a script may both deliver the same Ctrl-C),
// kills.
//
// Children: fork and exec, own process group (Ctrl-C in a terminal reaches the supervisor alone), standard input from
// /dev/null, default signal dispositions. What is left of a child's group when it ends is killed. When the supervisor
// dies in whatever way, the kernel sends each child its stop signal: the children drain by themselves.
//
// One thread; the process must have no other children that it waits for. Logs each transition once.
#pragma once

#include "lib/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    SUPERVISE_EXIT_HOPELESS = 78, // EX_CONFIG of sysexits.h: another start would end the same way
    SUPERVISE_MAX_SERVICES = 16,
    SUPERVISE_MAX_NEEDS = 4,
    SUPERVISE_MAX_RESTARTS = 32
};

enum supervise_policy {
    SUPERVISE_PERMANENT, // runs until it is stopped
    SUPERVISE_TRANSIENT // runs to its end once: ready when it has exited with 0, started again when it failed
};

struct supervise_service {
    const char *name;
    const char *path;                       // of the program; NULL: this one
    const char *const *argv;                // up to a NULL
    const char *needs[SUPERVISE_MAX_NEEDS]; // names of earlier rows
    enum supervise_policy policy;
    int stop_signal;           // asks it to drain and end; 0: SIGTERM
    int kill_signal;           // when it did not; SIGKILL follows 5 s later; 0: SIGKILL
    uint32_t stop_timeout_ms;  // between the two; 0: 10 s
    uint32_t start_timeout_ms; // not ready after it: killed, counts as ended; 0: 60 s

    // May it be started now? Asked every 50 ms until it may; NULL: yes.
    bool (*may_start)(void *data);
    // Is it ready? Asked every 20 ms; NULL: it says so itself (supervise_notify_ready). Not for TRANSIENT ones.
    bool (*is_ready)(void *data, pid_t pid);
    void *data;
};

struct supervise_options {
    const struct supervise_service *services;
    size_t count;
    void (*on_ready)(void *data); // once, when all are ready for the first time; may be NULL
    void *data;

    // 0: those named above.
    unsigned max_restarts;
    uint32_t window_ms, backoff_min_ms, backoff_max_ms, healthy_ms;
};

// Runs until it is told to stop (returns 0) or gives up (returns 1).
MUST_CHECK int supervise_run(const struct supervise_options *options);

// For services: tells the supervisor, if there is one, that this process is ready (it writes a newline to the
// descriptor that EVENTD_READY_FD names and closes it).
void supervise_notify_ready(void);
