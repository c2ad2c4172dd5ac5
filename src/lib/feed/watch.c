// Those who look at one thing until it is done.
#include "lib/feed/state.h"

#include "lib/base/digest.h"
#include "lib/base/ensure.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STATE_BYTES = 1024 * 1024 };

void watch_free(struct watch *watch)
{
    struct feed *feed = watch->feed;
    TAILQ_REMOVE(&feed->watches, watch, link);
    feed->watch_count--;
    guest_leave(feed, &watch->guest);
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

static void on_expelled(struct guest *guest)
{
    struct watch *watch = (struct watch *)((char *)guest - offsetof(struct watch, guest));
    if (!watch->stream) // not yet: the tick comes by again
        return;
    http_stream_end(watch->stream);
    on_closed(watch, HTTP_STREAM_CLIENT_GONE);
}

// May free the watch. One that does not take it all is cut, not ended: its client must not take that for the end.
static void show(struct watch *watch, struct slice state, bool is_done)
{
    uint64_t hash = digest_fnv1a(state);
    if (hash != watch->shown &&
        !http_events_send(watch->stream, (struct slice){0}, SLICE("progress"), state))
        return;
    watch->shown = hash;
    if (!is_done || !http_events_send(watch->stream, (struct slice){0}, SLICE("completed"), state))
        return;
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

static bool is_of_same(const struct watch *a, const struct watch *b)
{
    return a->route == b->route && strcmp(a->id, b->id) == 0;
}

// What one has asked is told to all who look at the same thing.
static void show_to_all(struct watch *asker, const struct db_rows *rows)
{
    struct watch about = *asker, *next; // the asker may go
    bool is_there = db_rows_count(rows) > 0;
    struct buffer state CLEANUP(buffer_done);
    buffer_init(&state, MAX_STATE_BYTES);
    struct json_writer w = json_writer_on(&state);
    if (is_there)
        db_rows_render_row(rows, 0, &w);
    bool is_done = is_there && db_rows_bool(rows, 0, db_rows_column(rows, "_done"));
    for (struct watch *watch = TAILQ_FIRST(&about.feed->watches); watch; watch = next) {
        next = TAILQ_NEXT(watch, link);
        if (!watch->stream || watch->asking || !is_of_same(watch, &about))
            continue;
        if (is_there) {
            show(watch, buffer_slice(&state), is_done);
        } else { // it was deleted
            http_stream_end(watch->stream);
            watch_free(watch);
        }
    }
}

static void on_state(void *data, const struct db_rows *rows, const struct error *error)
{
    struct watch *watch = data;
    struct feed *feed = watch->feed;
    watch->asking = false;
    if (error) {
        struct watch *other;
        TAILQ_FOREACH(other, &feed->watches, link)
        other->again |= is_of_same(other, watch); // at a later tick
        if (!watch->stream && !watch->closed)
            route_answer_error(watch->call, error);
        if (!watch->stream)
            watch_free(watch);
        return;
    }
    if (!watch->stream && (watch->closed || !open_stream(watch, rows))) {
        struct watch *other;
        TAILQ_FOREACH(other, &feed->watches, link)
        other->again |= is_of_same(other, watch); // they counted on this one
        watch_free(watch);
        return;
    }
    show_to_all(watch, rows);
}

static void ask(struct watch *watch)
{
    uint64_t now_ms = uv_now(loop_uv(watch->feed->loop));
    struct watch *other;
    TAILQ_FOREACH(other, &watch->feed->watches, link)
    if (is_of_same(other, watch)) {
        other->asked_ms = now_ms;
        other->again = false;
    }
    watch->asking = true;
    db_pipeline_query(watch->feed->db, watch->call->route->statement, watch->values, on_state,
                      watch);
}

void watch_tick(struct watch *watch)
{
    uint64_t now_ms = uv_now(loop_uv(watch->feed->loop));
    if (watch->again && watch->stream && !watch->asking &&
        now_ms - watch->asked_ms >= FEED_WATCH_MS)
        ask(watch);
}

void feed_watch(struct feed *feed, struct route_call *call)
{
    struct watch *watch = calloc(1, sizeof *watch);
    ensure(watch != NULL);
    *watch = (struct watch){.feed = feed,
                            .call = call,
                            .route = call->route,
                            .values = route_bind(call, call->route->statement)};
    snprintf(watch->id, sizeof watch->id, "%.*s", SLICE_FMT(route_value_get(call, "id")->text));
    if (!guest_enter(&watch->guest, feed, call, on_expelled)) {
        free(watch);
        return;
    }
    TAILQ_INSERT_TAIL(&feed->watches, watch, link);
    feed->watch_count++;
    feed_adjust(feed);
    ask(watch);
}
