#include "processor/graph/state.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "processor/graph/cypher.h"
#include "processor/graph/load.h"
#include "processor/graph/thread.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BODY_BYTES = 16 * 1024 * 1024,
    LOAD_TIMEOUT_MS = 30 * 1000,
    COMPUTE_TIMEOUT_MS = 20 * 1000,
    CYPHER_TIMEOUT_MS = 5 * 1000,
    CYPHER_ARENA_BYTES = 128 * 1024 * 1024,
};

struct graph_state {
    struct graph_thread *snapshots, *queries;
    atomic_uint_least64_t changes; // notifications so far

    // Of the thread of snapshots.
    struct db_session *session;
    struct graph_snapshot *snapshot;
    uint64_t seen_changes, loaded_ms, load_took_ms;

    // Of the thread of queries.
    struct db_options query_options;
    struct db_session *query_session;
};

struct question {
    struct graph_task task; // first
    struct route_call *call;
    graph_answer *fn;
    struct cypher_question cypher;
    struct buffer body;
};

static void on_changes(void *data, const char *channel, struct slice payload)
{
    struct graph_state *state = data;
    (void)channel, (void)payload;
    atomic_fetch_add(&state->changes, 1);
}

// --------------------------------------------------------------------------------------------- answering

static struct question *question_new(struct route_call *call)
{
    struct question *question = calloc(1, sizeof *question);
    ensure(question != NULL);
    question->call = call;
    buffer_init(&question->body, MAX_BODY_BYTES);
    return question;
}

static void answer(struct graph_task *task)
{
    struct question *question = (struct question *)task;
    if (!task->error.code && question->body.overflow)
        (void)error_set(&task->error, ERR_INTERNAL, "the answer is too large");
    if (task->error.code)
        route_answer_error(question->call, &task->error);
    else
        route_answer_json(question->call, 200, buffer_slice(&question->body));
    buffer_done(&question->body);
    free(question);
}

static void submit(struct graph_thread *thread, struct question *question)
{
    question->task.done = answer;
    if (graph_thread_submit(thread, &question->task))
        return;
    (void)error_set(&question->task.error, ERR_OVERLOADED, "too many questions wait for the graph");
    answer(&question->task);
}

// --------------------------------------------------------------------------------------------- snapshots

static bool is_stopping(const void *data)
{
    return graph_thread_is_stopping(data);
}

static bool is_good_enough(const struct graph_state *state)
{
    uint64_t age = clock_monotonic_ms() - state->loaded_ms;
    uint64_t least = state->load_took_ms * 10;
    if (least < GRAPH_MIN_AGE_MS)
        least = GRAPH_MIN_AGE_MS;
    bool unchanged = state->seen_changes == atomic_load(&state->changes);
    return state->snapshot && age < GRAPH_MAX_AGE_MS && (unchanged || age < least);
}

static enum err refresh(struct graph_state *state, struct error *ret_error)
{
    if (is_good_enough(state))
        return ERR_OK;
    uint64_t began = clock_monotonic_ms(), changes = atomic_load(&state->changes);
    struct graph_snapshot *fresh = NULL;
    enum err err = graph_load(state->session, &graph_default_limits, &fresh, ret_error);
    if (err)
        return err;
    graph_snapshot_free(state->snapshot);
    state->snapshot = fresh;
    state->seen_changes = changes;
    state->loaded_ms = began;
    state->load_took_ms = clock_monotonic_ms() - began;
    return ERR_OK;
}

static void run_answer(struct graph_task *task, void *context)
{
    struct question *question = (struct question *)task;
    struct graph_state *state = context;
    struct json_writer w = json_writer_on(&question->body);
    graph_igraph_begin(COMPUTE_TIMEOUT_MS, is_stopping, state->snapshots);
    if (!refresh(state, &task->error)) {
        json_begin_object(&w);
        (void)question->fn(question->call, state->snapshot, &w, &task->error);
        json_end_object(&w);
    }
    graph_igraph_end();
}

void graph_state_answer(struct graph_state *state, struct route_call *call, graph_answer *fn)
{
    struct question *question = question_new(call);
    question->fn = fn;
    question->task.run = run_answer;
    submit(state->snapshots, question);
}

// ------------------------------------------------------------------------------------------------ cypher

static void run_cypher(struct graph_task *task, void *context)
{
    struct question *question = (struct question *)task;
    struct graph_state *state = context;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(CYPHER_ARENA_BYTES);
    if (cypher_run(state->query_session, arena, &question->cypher, &question->body, &task->error)) {
        // Whatever it left in the session goes with it.
        db_session_free(state->query_session);
        state->query_session = db_session_new(&state->query_options);
    }
}

// The columns that the body names, or those that the query seems to return.
static bool find_columns(struct route_call *call, struct cypher_question *cypher)
{
    const struct route_value *given = route_value_get(call, "columns");
    if (given->given) {
        cypher->names = given->items;
        cypher->columns = given->count;
        for (size_t i = 0; i < given->count; i++)
            for (size_t k = 0; k < i; k++)
                if (slice_equal(given->items[i], given->items[k])) {
                    route_answer_invalid(call, ERR_INVALID_FIELD, "/columns",
                                         "two columns have the same name");
                    return false;
                }
        return true;
    }
    struct slice *names = ARENA_ARRAY(call->arena, CYPHER_MAX_COLUMNS, struct slice);
    cypher->columns = cypher_columns(call->arena, cypher->query, names);
    cypher->names = names;
    if (cypher->columns == SIZE_MAX) {
        route_answer_invalid(call, ERR_INVALID_FIELD, "/query", "expected at most 64 columns");
        return false;
    }
    if (cypher->columns == 0) { // nothing to return, or *: AGE wants one all the same
        names[0] = SLICE("result");
        cypher->columns = 1;
    }
    return true;
}

void graph_state_run_cypher(struct graph_state *state, struct route_call *call)
{
    const struct route_value *params = route_value_get(call, "params");
    struct cypher_question cypher = {
        .query = route_value_get(call, "query")->text,
        .params = params->given ? params->text : SLICE("{}"),
        .max_rows = route_value_get(call, "limit")->integer,
    };
    if (!find_columns(call, &cypher))
        return;
    struct question *question = question_new(call);
    question->cypher = cypher;
    question->task.run = run_cypher;
    submit(state->queries, question);
}

// -------------------------------------------------------------------------------------------------- life

struct graph_state *graph_state_new(const struct config *config, struct loop *loop,
                                    struct db_pipeline *db)
{
    struct graph_state *state = calloc(1, sizeof *state);
    ensure(state != NULL);
    const struct db_options snapshots = {.url = config_database_url(config),
                                         .application_name = "processor graph",
                                         .statement_timeout_ms = LOAD_TIMEOUT_MS};
    state->query_options = (struct db_options){.url = config_database_url(config),
                                               .application_name = "processor cypher",
                                               .statement_timeout_ms = CYPHER_TIMEOUT_MS};
    state->session = db_session_new(&snapshots);
    state->query_session = db_session_new(&state->query_options);
    db_pipeline_listen(db, "changes", on_changes,
                       state); // all: what was read, edited, merged, undone, deleted
    state->snapshots = graph_thread_new(loop, state);
    state->queries = graph_thread_new(loop, state);
    return state;
}

void graph_state_free(struct graph_state *state)
{
    if (!state)
        return;
    graph_thread_stop(state->queries); // both at once: the one waits while the other ends
    graph_thread_free(state->snapshots);
    graph_thread_free(state->queries);
    db_session_free(state->session);
    db_session_free(state->query_session);
    graph_igraph_begin(0, NULL, NULL);
    graph_snapshot_free(state->snapshot);
    graph_igraph_end();
    free(state);
}
