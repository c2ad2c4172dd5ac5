// The event loop of one thread, over libuv. Loops share nothing; the only calls allowed from another
// thread are loop_stop and loop_post.
#pragma once

#include "lib/base/compiler.h"

#include <stdint.h>
#include <uv.h>

struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *loop); // after loop_run returned; closes what is still open
uv_loop_t *loop_uv(struct loop *loop);

// Runs until loop_stop.
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop); // any thread

// Runs fn(data) on the loop's thread, soon, in order; any thread.
void loop_post(struct loop *loop, void (*fn)(void *), void *data);

// Registers fn(data) to run at the end of every turn that had work, before the loop sleeps: writes and Syncs
// gathered during the turn go out there, once. In the order of registration; for the loop's lifetime.
void loop_on_turn_end(struct loop *loop, void (*fn)(void *), void *data);

// Runs fn(data) once after delay_ms, or every interval_ms. The handle stays valid until loop_timer_stop.
struct loop_timer;
struct loop_timer *loop_after(struct loop *loop, uint32_t delay_ms, void (*fn)(void *), void *data);
struct loop_timer *loop_every(struct loop *loop, uint32_t interval_ms, void (*fn)(void *),
                              void *data);
void loop_timer_stop(struct loop_timer *timer); // also frees a timer that has fired; NULL is fine
