// What the processor's routes need at run time: the feed of one loop, and the frames of GET /internal/stream.
#pragma once

#include "lib/feed/feed.h"
#include "lib/loop/loop.h"

// service.loop_start and .loop_stop: route_call.service.
void *processor_loop_new(void *state, struct loop *loop, struct db_pipeline *db);
void processor_loop_free(void *loop_state);

struct feed *processor_feed(const struct route_call *call);
// Follows changes, and gets a frame of the overview every second.
void processor_stream(struct route_call *call);
