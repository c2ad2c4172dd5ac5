#include "processor/live/live.h"

#include "lib/base/ensure.h"
#include "statements.gen.h"

#include <stdlib.h>

enum {
    DASHBOARDS = 1, // the group of those who get frames
    FRAME_MS = 1000,
    MAX_FRAME_BYTES = 128 * 1024, // half of what may wait for a client
    PRUNE_MS = 3600 * 1000,
    CHANGES_KEPT_DAYS = 7,
};

struct processor_loop {
    struct db_pipeline *db;
    struct feed *feed;
    struct loop_timer *frames, *prune;
    bool asking;
};

// One question a second however many look, and none when nobody does.
static void on_overview(void *data, const struct db_rows *rows, const struct error *error)
{
    struct processor_loop *processor = data;
    processor->asking = false;
    if (error || db_rows_count(rows) == 0)
        return;
    struct buffer frame CLEANUP(buffer_done);
    buffer_init(&frame, MAX_FRAME_BYTES);
    struct json_writer w = json_writer_on(&frame);
    db_rows_render_row(rows, 0, &w);
    if (!frame.overflow)
        feed_broadcast(processor->feed, DASHBOARDS, SLICE("overview"), buffer_slice(&frame));
}

static void send_frame(void *data)
{
    struct processor_loop *processor = data;
    if (processor->asking || feed_group_size(processor->feed, DASHBOARDS) == 0)
        return;
    processor->asking = true;
    db_pipeline_query(processor->db, &sql_operations_overview, NULL, on_overview, processor);
}

// Another one tries again in an hour.
static void on_pruned(void *data, const struct db_rows *rows, const struct error *error)
{
    (void)data, (void)rows, (void)error;
}

static void prune(void *data)
{
    struct processor_loop *processor = data;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    const struct db_value values[] = {db_int(arena, CHANGES_KEPT_DAYS)};
    db_pipeline_query(processor->db, &sql_changes_prune_changes, values, on_pruned, NULL);
}

void *processor_loop_new(void *state, struct loop *loop, struct db_pipeline *db)
{
    struct processor_loop *processor = calloc(1, sizeof *processor);
    ensure(processor != NULL);
    (void)state;
    processor->db = db;
    processor->feed = feed_new(loop, db);
    processor->frames = loop_every(loop, FRAME_MS, send_frame, processor);
    processor->prune = loop_every(loop, PRUNE_MS, prune, processor);
    return processor;
}

void processor_loop_free(void *data)
{
    struct processor_loop *processor = data;
    loop_timer_stop(processor->frames);
    loop_timer_stop(processor->prune);
    feed_free(processor->feed);
    free(processor);
}

struct feed *processor_feed(const struct route_call *call)
{
    const struct processor_loop *processor = call->service;
    return processor->feed;
}

void processor_stream(struct route_call *call)
{
    feed_stream_changes(processor_feed(call), call, DASHBOARDS);
}
