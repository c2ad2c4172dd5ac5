// What the graph's routes need besides the pipeline: a snapshot with a thread that works on it, and a thread with a session
// of its own for queries that people write. Of one loop.
#pragma once

#include "lib/config/config.h"
#include "lib/db/pipeline.h"
#include "lib/route/route.h"
#include "processor/graph/snapshot.h"

// A snapshot is used as long as nothing has changed since it was made, and GRAPH_MAX_AGE_MS at most. When changes come
// faster than snapshots are made, a new one is made every GRAPH_MIN_AGE_MS, or in a tenth of the time if that is more: an
// answer is never older than that when its computation begins.
enum { GRAPH_MAX_AGE_MS = 15 * 1000, GRAPH_MIN_AGE_MS = 500 };

struct graph_state;

struct graph_state *graph_state_new(const struct config *config, struct loop *loop,
                                    struct db_pipeline *db);
void graph_state_free(struct graph_state *state); // after the loop has ended; NULL is fine

// Answers the call with what fn writes about a snapshot, an object. fn runs on the snapshot's thread, and may read the
// call's values and use its arena.
typedef enum err graph_answer(struct route_call *call, struct graph_snapshot *snapshot,
                              struct json_writer *w, struct error *ret_error);
void graph_state_answer(struct graph_state *state, struct route_call *call, graph_answer *fn);

// Answers the call with the rows of its Cypher query (values query, params, columns, limit).
void graph_state_run_cypher(struct graph_state *state, struct route_call *call);
