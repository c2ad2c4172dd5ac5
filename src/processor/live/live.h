// What goes on, as it happens: the feed of changes of one loop, and the frames of GET /internal/stream.
#pragma once

#include "lib/feed/feed.h"
#include "lib/loop/loop.h"

struct live_state;

struct live_state *live_state_new(struct loop *loop, struct db_pipeline *db);
void live_state_free(struct live_state *live);

// Follows changes, and gets a frame of the overview every second.
void live_stream(struct live_state *live, struct route_call *call);
