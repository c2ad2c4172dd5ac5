// What the processor's routes and workers share: of the process the workers, of each loop the graph and the feed.
#pragma once

#include "lib/config/config.h"
#include "lib/db/pipeline.h"
#include "processor/graph/state.h"
#include "processor/live/live.h"

// service.start, .stop, .loop_start, .loop_stop
enum err processor_state_new(const struct config *config, void **ret_state,
                             struct error *ret_error);
void processor_state_free(void *state);
void *processor_loop_new(void *state, struct loop *loop, struct db_pipeline *db);
void processor_loop_free(void *loop_state);

struct graph_state *processor_graph(void *loop_state); // of route_call.service
struct live_state *processor_live(void *loop_state);
