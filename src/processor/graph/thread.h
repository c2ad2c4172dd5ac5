// A thread for what would hold a loop up: tasks one after another, in order, each answered on the loop it came from.
#pragma once

#include "lib/base/error.h"
#include "lib/loop/loop.h"

#include <stdbool.h>

struct graph_thread;

// Embedded in what a task is about.
struct graph_task {
    struct graph_task *next;
    // On the thread; context is that of graph_thread_new.
    void (*run)(struct graph_task *task, void *context);
    // On the loop, exactly once. error.code is ERR_SHUTTING_DOWN for one that never ran.
    void (*done)(struct graph_task *task);
    struct error error;
};

struct graph_thread *graph_thread_new(struct loop *loop, void *context);
// After the loop has ended: waits for the task under way, and tells the others that they will not run.
void graph_thread_free(struct graph_thread *thread); // NULL is fine
// False: too many are waiting, and done is not called.
MUST_CHECK bool graph_thread_submit(struct graph_thread *thread, struct graph_task *task);
// Any thread: tasks should end early.
bool graph_thread_is_stopping(const struct graph_thread *thread);
// Makes it so, for what asks before graph_thread_free can be called.
void graph_thread_stop(struct graph_thread *thread);
