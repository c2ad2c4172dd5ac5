#include "lib/feed/state.h"

#include "lib/base/arena.h"
#include "lib/base/ensure.h"
#include "lib/metric/metric.h"
#include "statements.gen.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_EVENT_BYTES = 1024 * 1024, QUERY_ARENA_BYTES = 64 * 1024 };

static struct metric changes_lag =
    METRIC_GAUGE("changes_lag_seconds", "How long the oldest change waits that may not be shown "
                                        "yet, because an older transaction still writes.");

// --------------------------------------------------------------------------------------------------- pages

void feed_query_page(struct feed *feed, struct arena *arena, struct feed_position position,
                     const struct slice *types, size_t type_count, size_t limit, db_done *done,
                     void *data)
{
    const struct db_value values[] = {
        db_cstr(arena_printf(arena, "%llu", (unsigned long long)position.xid)),
        db_int(arena, (int64_t)position.seq),
        type_count ? db_text_array(arena, types, type_count) : (struct db_value){.given = false},
        db_int(arena, (int64_t)limit),
    };
    db_pipeline_query(feed->db, &sql_changes_list_changes, values, done, data);
}

static struct feed_position position_of(const struct db_rows *rows, size_t row, const char *column)
{
    struct feed_position position = {0};
    ensure(feed_position_parse(db_rows_text(rows, row, db_rows_column(rows, column)), &position));
    return position;
}

struct feed_position feed_row_position(const struct db_rows *rows, size_t row)
{
    return position_of(rows, row, "position");
}

struct feed_page feed_read_page(const struct db_rows *rows)
{
    bool is_empty = db_rows_is_null(rows, 0, db_rows_column(rows, "position"));
    return (struct feed_page){
        .count = is_empty ? 0 : db_rows_count(rows),
        .edge = position_of(rows, 0, "edge"),
        .bottom = position_of(rows, 0, "bottom"),
        .lag_s = db_rows_double(rows, 0, db_rows_column(rows, "lag_seconds")),
    };
}

void feed_render_row(const struct db_rows *rows, size_t row, struct buffer *out)
{
    http_events_render(out, db_rows_text(rows, row, db_rows_column(rows, "position")),
                       db_rows_text(rows, row, db_rows_column(rows, "type")),
                       db_rows_text(rows, row, db_rows_column(rows, "change")));
}

// ------------------------------------------------------------------------------------------------- the ring

static void drop_oldest(struct feed *feed)
{
    struct feed_entry *entry = &feed->ring[feed->first];
    feed->start = entry->position;
    feed->bytes -= entry->type.len + entry->text.len;
    free((void *)(uintptr_t)entry->type.ptr);
    *entry = (struct feed_entry){0};
    feed->first = (feed->first + 1) % FEED_RING;
    feed->count--;
}

static void clear_ring(struct feed *feed, struct feed_position position)
{
    while (feed->count)
        drop_oldest(feed);
    feed->start = feed->head = position;
}

static const struct feed_entry *append(struct feed *feed, struct feed_position position,
                                       struct slice type, struct slice text)
{
    size_t size = type.len + text.len;
    while (feed->count && (feed->count == FEED_RING || feed->bytes + size > FEED_RING_BYTES))
        drop_oldest(feed);
    char *memory = malloc(size + 1);
    ensure(memory != NULL);
    memcpy(memory, type.ptr, type.len);
    memcpy(memory + type.len, text.ptr, text.len);
    struct feed_entry *entry = &feed->ring[(feed->first + feed->count++) % FEED_RING];
    *entry = (struct feed_entry){position, {memory, type.len}, {memory + type.len, text.len}};
    feed->bytes += size;
    return entry;
}

static void take_row(struct feed *feed, const struct db_rows *rows, size_t row)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_EVENT_BYTES);
    feed_render_row(rows, row, &text);
    struct feed_position position = feed_row_position(rows, row);
    const struct feed_entry *entry = append(
        feed, position, db_rows_text(rows, row, db_rows_column(rows, "type")), buffer_slice(&text));
    struct subscriber *subscriber;
    TAILQ_FOREACH(subscriber, &feed->subscribers, link)
    if (subscriber->live)
        subscriber_take(subscriber, entry);
    feed->head = position;
}

// ------------------------------------------------------------------------------------------------ the reader

static void on_page(void *data, const struct db_rows *rows, const struct error *error)
{
    struct feed *feed = data;
    feed->asking = false;
    if (error) // the tick asks again
        return;
    struct feed_page page = feed_read_page(rows);
    metric_set(metric_series(&changes_lag), page.lag_s);
    if (feed->asked_life != feed->life || !feed->active) {
        if (feed->active)
            feed_ask(feed);
        return;
    }
    for (size_t i = 0; i < page.count; i++)
        take_row(feed, rows, i);
    bool is_full = page.count == FEED_PAGE;
    if (!is_full)
        feed->head = feed_position_later(feed->head, page.edge);
    feed->behind = page.lag_s > 0;
    if (is_full || feed->again)
        feed_ask(feed);
}

void feed_ask(struct feed *feed)
{
    feed->again = feed->asking;
    if (feed->asking)
        return;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(QUERY_ARENA_BYTES);
    feed->asking = true;
    feed->asked_life = feed->life;
    // Nobody follows: only the lag is of interest.
    const struct feed_position nowhere = {.xid = INT64_MAX};
    feed_query_page(feed, arena, feed->active ? feed->head : nowhere, NULL, 0,
                    feed->active ? FEED_PAGE : 1, on_page, feed);
}

void feed_activate(struct feed *feed, struct feed_position position)
{
    feed->active = true;
    feed->life++;
    clear_ring(feed, position);
    feed_ask(feed);
}

// An absent payload too: something may have been missed.
static void on_news(void *data, const char *channel, struct slice payload)
{
    struct feed *feed = data;
    (void)channel;
    (void)payload;
    if (feed->active)
        feed_ask(feed);
}

// What is watched changes with events and jobs.
static void on_progress(void *data, const char *channel, struct slice payload)
{
    struct feed *feed = data;
    (void)channel;
    (void)payload;
    struct watch *watch;
    TAILQ_FOREACH(watch, &feed->watches, link)
    watch->again = true; // at the next tick: many events, one question
}

// The directory of accounts has heard it, too: it is asked a tick later.
static void on_keys(void *data, const char *channel, struct slice payload)
{
    struct feed *feed = data;
    (void)channel;
    (void)payload;
    feed->check_keys = true;
}

static void on_slow_tick(void *data)
{
    struct feed *feed = data;
    feed_ask(feed);
    feed->check_keys = true; // keys expire without a word
    struct watch *watch;
    TAILQ_FOREACH(watch, &feed->watches, link)
    watch->again = true;
}

static void on_fast_tick(void *data)
{
    struct feed *feed = data;
    if (feed->active && feed->behind)
        feed_ask(feed);
    struct subscriber *subscriber, *next_subscriber;
    for (subscriber = TAILQ_FIRST(&feed->subscribers); subscriber; subscriber = next_subscriber) {
        next_subscriber = TAILQ_NEXT(subscriber, link);
        subscriber_tick(subscriber);
    }
    struct watch *watch;
    TAILQ_FOREACH(watch, &feed->watches, link)
    watch_tick(watch);
    if (feed->check_keys)
        guest_check_keys(feed);
}

void feed_adjust(struct feed *feed)
{
    bool wanted = feed->subscriber_count + feed->watch_count > 0;
    if (wanted && !feed->fast)
        feed->fast = loop_every(feed->loop, FEED_TICK_MS, on_fast_tick, feed);
    if (!wanted && feed->fast) {
        loop_timer_stop(feed->fast);
        feed->fast = NULL;
    }
    if (feed->active && feed->subscriber_count == 0) {
        feed->active = false;
        clear_ring(feed, feed->head);
    }
}

// --------------------------------------------------------------------------------------------------- life

struct feed *feed_new(struct loop *loop, struct db_pipeline *db, struct feed_seats *seats)
{
    struct feed *feed = calloc(1, sizeof *feed);
    ensure(feed != NULL);
    feed->loop = loop;
    feed->db = db;
    feed->seats = seats;
    TAILQ_INIT(&feed->subscribers);
    TAILQ_INIT(&feed->watches);
    TAILQ_INIT(&feed->guests);
    db_pipeline_listen(db, "changes", on_news, feed);
    db_pipeline_listen(db, "event_processing", on_progress, feed);
    db_pipeline_listen(db, "keys", on_keys, feed);
    feed->slow = loop_every(loop, FEED_FALLBACK_MS, on_slow_tick, feed);
    return feed;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    for (struct subscriber *s; (s = TAILQ_FIRST(&feed->subscribers));) {
        if (s->stream)
            http_stream_end(s->stream);
        subscriber_free(s);
    }
    for (struct watch *w; (w = TAILQ_FIRST(&feed->watches));) {
        if (w->stream)
            http_stream_end(w->stream);
        watch_free(w);
    }
    loop_timer_stop(feed->slow);
    loop_timer_stop(feed->fast);
    clear_ring(feed, feed->head);
    free(feed);
}
