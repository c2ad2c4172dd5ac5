#include "processor/live/live.h"

#include "lib/base/ensure.h"
#include "statements.gen.h"

#include <stdlib.h>

enum {
    DASHBOARDS = 1, // the group of those who get frames
    FRAME_MS = 1000,
    MAX_FRAME_BYTES = 128 * 1024, // half of what may wait for a client
};

struct live_state {
    struct db_pipeline *db;
    struct feed_seats *seats;
    struct feed *feed;
    struct loop_timer *frames;
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

struct live_state *live_state_new(struct loop *loop, struct db_pipeline *db)
{
    struct live_state *live = calloc(1, sizeof *live);
    ensure(live != NULL);
    live->db = db;
    live->seats = feed_seats_new();
    live->feed = feed_new(loop, db, live->seats);
    live->frames = loop_every(loop, FRAME_MS, send_frame, live);
    return live;
}

void live_state_free(struct live_state *live)
{
    loop_timer_stop(live->frames);
    feed_free(live->feed);
    feed_seats_free(live->seats);
    free(live);
}

void live_stream(struct live_state *live, struct route_call *call)
{
    feed_stream_changes(live->feed, call, DASHBOARDS);
}
