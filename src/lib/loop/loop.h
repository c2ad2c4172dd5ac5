// The event loop of one thread, over libuv. Loops share nothing; the only calls allowed from another
// thread are loop_stop and loop_post.
//
// One turn is: wait for events, run their callbacks and the timers that are due, then the turn-end hooks.
#pragma once

#include "lib/base/compiler.h"

#include <stdint.h>
#include <uv.h>

struct loop;

// The first loop makes the process ignore SIGPIPE (unless it handles it): a peer that has gone is an
// error of its write, not the end of the process.
struct loop *loop_new(void);
// After loop_run returned; closes what is still open. What was posted and never ran is dropped.
void loop_free(struct loop *loop);
uv_loop_t *loop_uv(struct loop *loop);

// Runs until loop_stop. A stop that comes first makes it return at once; it may be run again.
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop); // any thread; the turn under way is finished, with its hooks

// Runs fn(data) on the loop's thread, soon, in order; any thread. Posts that a post makes run in the
// next turn.
void loop_post(struct loop *loop, void (*fn)(void *), void *data);

// Registers fn(data) to run at the end of every turn that had work, before the loop sleeps: writes and Syncs
// gathered during the turn go out there, once. In the order of registration; until loop_off_turn_end.
void loop_on_turn_end(struct loop *loop, void (*fn)(void *), void *data);
void loop_off_turn_end(struct loop *loop, void (*fn)(void *), void *data); // also from a hook

// A hook that leaves work for a hook which has already run calls this: all hooks run once more before
// the loop sleeps (after a few rounds the loop looks for events in between, without sleeping). Elsewhere
// it changes nothing, because the hooks run anyway.
void loop_again(struct loop *loop);

// Runs fn(data) once after delay_ms, or every interval_ms. The handle stays valid until loop_timer_stop.
struct loop_timer;
struct loop_timer *loop_after(struct loop *loop, uint32_t delay_ms, void (*fn)(void *), void *data);
struct loop_timer *loop_every(struct loop *loop, uint32_t interval_ms, void (*fn)(void *),
                              void *data);
void loop_timer_stop(struct loop_timer *timer); // also frees a timer that has fired; NULL is fine
