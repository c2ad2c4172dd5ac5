#include "processor/state.h"

#include "lib/base/ensure.h"
#include "processor/processing/worker.h"

#include <stdlib.h>

struct processor_state {
    const struct config *config;
    void *workers;
};

struct processor_loop {
    struct graph_state *graph;
    struct live_state *live;
};

enum err processor_state_new(const struct config *config, void **ret_state, struct error *ret_error)
{
    struct processor_state *state = calloc(1, sizeof *state);
    ensure(state != NULL);
    state->config = config;
    enum err err = process_workers_start(config, &state->workers, ret_error);
    if (err) {
        free(state);
        return err;
    }
    *ret_state = state;
    return ERR_OK;
}

void processor_state_free(void *data)
{
    struct processor_state *state = data;
    if (!state)
        return;
    process_workers_stop(state->workers);
    free(state);
}

void *processor_loop_new(void *data, struct loop *loop, struct db_pipeline *db)
{
    const struct processor_state *state = data;
    struct processor_loop *own = calloc(1, sizeof *own);
    ensure(own != NULL);
    own->graph = graph_state_new(state->config, loop, db);
    own->live = live_state_new(loop, db);
    return own;
}

void processor_loop_free(void *data)
{
    struct processor_loop *own = data;
    graph_state_free(own->graph);
    live_state_free(own->live);
    free(own);
}

struct graph_state *processor_graph(void *loop_state)
{
    return ((struct processor_loop *)loop_state)->graph;
}

struct live_state *processor_live(void *loop_state)
{
    return ((struct processor_loop *)loop_state)->live;
}
