// Those who look at one thing until it is done.
#include "lib/feed/state.h"

#include "lib/base/digest.h"
#include "lib/base/ensure.h"

#include <stdlib.h>

enum { MAX_STATE_BYTES = 1024 * 1024, MAX_WATCHES = 256 };

void watch_free(struct watch *watch)
{
    struct feed *feed = watch->feed;
    TAILQ_REMOVE(&feed->watches, watch, link);
    feed->watch_count--;
    free(watch);
    feed_adjust(feed);
}

static void on_closed(void *data, enum http_stream_reason reason)
{
    struct watch *watch = data;
    (void)reason;
    watch->stream = NULL;
    watch->closed = true;
    if (!watch->asking)
        watch_free(watch);
}

static void show(struct watch *watch, struct slice state, bool is_done)
{
    uint64_t hash = digest_fnv1a(state);
    if (hash != watch->shown)
        http_events_send(watch->stream, (struct slice){0}, SLICE("progress"), state);
    watch->shown = hash;
    if (!is_done)
        return;
    http_events_send(watch->stream, (struct slice){0}, SLICE("completed"), state);
    http_stream_end(watch->stream);
    watch_free(watch);
}

// False: there is no stream, and it is answered.
static bool open_stream(struct watch *watch, const struct db_rows *rows)
{
    if (db_rows_count(rows) == 0) {
        http_respond_problem(watch->call->exchange, ERR_NOT_FOUND, "nothing has this id", NULL, 0);
        return false;
    }
    watch->stream = http_events_begin(watch->call->exchange, on_closed, watch);
    return watch->stream != NULL;
}

static void on_state(void *data, const struct db_rows *rows, const struct error *error)
{
    struct watch *watch = data;
    watch->asking = false;
    if (watch->closed) {
        watch_free(watch);
        return;
    }
    if (error) {
        watch->again = true; // at a later tick
        if (!watch->stream) {
            route_answer_error(watch->call, error);
            watch_free(watch);
        }
        return;
    }
    if (!watch->stream && !open_stream(watch, rows)) {
        watch_free(watch);
        return;
    }
    if (db_rows_count(rows) == 0) { // it was deleted
        http_stream_end(watch->stream);
        watch_free(watch);
        return;
    }
    struct buffer state CLEANUP(buffer_done);
    buffer_init(&state, MAX_STATE_BYTES);
    struct json_writer w = json_writer_on(&state);
    db_rows_render_row(rows, 0, &w);
    show(watch, buffer_slice(&state), db_rows_bool(rows, 0, db_rows_column(rows, "_done")));
}

void watch_ask(struct watch *watch)
{
    if (watch->asking)
        return; // once more at the next tick
    watch->asking = true;
    watch->again = false;
    db_pipeline_query(watch->feed->db, watch->call->route->statement, watch->values, on_state,
                      watch);
}

void feed_watch(struct feed *feed, struct route_call *call)
{
    if (feed->watch_count == MAX_WATCHES) {
        http_respond_problem(call->exchange, ERR_OVERLOADED, "too many streams are open here", NULL,
                             0);
        return;
    }
    struct watch *watch = calloc(1, sizeof *watch);
    ensure(watch != NULL);
    *watch = (struct watch){
        .feed = feed, .call = call, .values = route_bind(call, call->route->statement)};
    TAILQ_INSERT_TAIL(&feed->watches, watch, link);
    feed->watch_count++;
    feed_adjust(feed);
    watch_ask(watch);
}
