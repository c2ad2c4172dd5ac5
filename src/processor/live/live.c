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

struct live_state {
    struct db_pipeline *db;
    struct feed *feed;
    struct loop_timer *frames, *prune;
    bool asking;
};

// One question a second however many look, and none when nobody does.
static void on_overview(void *data, const struct db_rows *rows, const struct error *error)
{
    struct live_state *live = data;
    live->asking = false;
    if (error || db_rows_count(rows) == 0)
        return;
    struct buffer frame CLEANUP(buffer_done);
    buffer_init(&frame, MAX_FRAME_BYTES);
    struct json_writer w = json_writer_on(&frame);
    db_rows_render_row(rows, 0, &w);
    if (!frame.overflow)
        feed_broadcast(live->feed, DASHBOARDS, SLICE("overview"), buffer_slice(&frame));
}

static void send_frame(void *data)
{
    struct live_state *live = data;
    if (live->asking || feed_group_size(live->feed, DASHBOARDS) == 0)
        return;
    live->asking = true;
    db_pipeline_query(live->db, &sql_operations_overview, NULL, on_overview, live);
}

// Another one tries again in an hour.
static void on_pruned(void *data, const struct db_rows *rows, const struct error *error)
{
    (void)data, (void)rows, (void)error;
}

static void prune(void *data)
{
    struct live_state *live = data;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    const struct db_value values[] = {db_int(arena, CHANGES_KEPT_DAYS)};
    db_pipeline_query(live->db, &sql_changes_prune_changes, values, on_pruned, NULL);
}

struct live_state *live_state_new(struct loop *loop, struct db_pipeline *db)
{
    struct live_state *live = calloc(1, sizeof *live);
    ensure(live != NULL);
    live->db = db;
    live->feed = feed_new(loop, db);
    live->frames = loop_every(loop, FRAME_MS, send_frame, live);
    live->prune = loop_every(loop, PRUNE_MS, prune, live);
    return live;
}

void live_state_free(struct live_state *live)
{
    loop_timer_stop(live->frames);
    loop_timer_stop(live->prune);
    feed_free(live->feed);
    free(live);
}

void live_stream(struct live_state *live, struct route_call *call)
{
    feed_stream_changes(live->feed, call, DASHBOARDS);
}
