// Those who follow all changes, and those who ask for a page of them.
#include "lib/feed/state.h"

#include "lib/base/ensure.h"
#include "lib/metric/metric.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_EVENT_BYTES = 1024 * 1024,
    MAX_ANSWER_BYTES = 16 * 1024 * 1024,
    CATCH_UP_ROOM = 128 * 1024,
    QUESTION_BYTES = 64 * 1024,
};

static struct metric subscribers_now =
    METRIC_GAUGE("stream_subscribers", "Clients that follow changes at this moment.");
static struct metric events_sent =
    METRIC_COUNTER("stream_events_total", "Changes sent to clients that follow them.");
static struct metric streams_ended =
    METRIC_COUNTER("stream_ended_total", "Followers that left or were let go, and why.", "reason");

static const char gone_detail[] = "changes of that time are no longer kept here: take since=now "
                                  "from /api/changes, read /api/events again, then "
                                  "go on from there";

const struct route_param feed_params[FEED_LIST_PARAMS] = {
    {"types", ROUTE_IN_QUERY, ROUTE_TEXT_LIST,
     .doc = "Only these types of change: event.processed, event.failed, event.merged …, or event, "
            "speaker, company for all of a kind.",
     .example = "event.processed,event.failed"},
    {"since", ROUTE_IN_QUERY, ROUTE_TEXT,
     .doc = "Go on behind this place: next_since of a page, or the id of an event of the stream; "
            "now: nothing that was."},
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 1000, .fallback = "100",
     .doc = "Changes of one page.", .example = "100"},
};

// ---------------------------------------------------------------------------------------------- the question

static bool is_type(struct slice type)
{
    static const char *const kinds[] = {"event", "speaker", "company", "topic", NULL};
    size_t dot = slice_find(type, SLICE("."));
    struct slice kind = slice_sub(type, 0, dot == SIZE_MAX ? type.len : dot);
    for (size_t i = 0; kinds[i]; i++)
        if (slice_equal(kind, slice_from_cstr(kinds[i])))
            return dot == SIZE_MAX || dot + 1 < type.len;
    return false;
}

// Answers what is wrong, and says so.
static bool has_bad_types(struct route_call *call)
{
    const struct route_value *types = route_value_get(call, "types");
    for (size_t i = 0; i < types->count; i++)
        if (!is_type(types->items[i])) {
            route_answer_invalid(call, ERR_INVALID_PARAMETER, "types",
                                 "expected event, speaker, company or topic, alone or with what "
                                 "happened to it (event.processed)");
            return true;
        }
    return false;
}

// False: answered. since in the query is asked on purpose, so it goes before what a browser sends by itself.
static bool read_since(struct route_call *call, struct slice fallback,
                       struct feed_position *ret_position, bool *ret_now, bool *ret_given)
{
    const struct route_value *given = route_value_get(call, "since");
    struct slice since = given->given ? given->text : fallback;
    *ret_position = (struct feed_position){0};
    *ret_given = since.ptr != NULL;
    *ret_now = slice_equal(since, SLICE("now"));
    if (!since.ptr || *ret_now || feed_position_parse(since, ret_position))
        return true;
    route_answer_invalid(call, ERR_INVALID_PARAMETER, "since",
                         "expected now, next_since of a page, or the id of an event");
    return false;
}

// What was removed for its age, or a number that this database has not reached: it is of another one.
static bool is_gone(const struct feed_page *page, struct feed_position position)
{
    return feed_position_compare(position, page->bottom) < 0 || position.xid > page->edge.xid;
}

static const struct feed_position the_end = {.xid = INT64_MAX};

// ------------------------------------------------------------------------------------------------- one page

struct listing {
    struct feed *feed;
    struct route_call *call;
    struct feed_position since;
    bool now, given;
    size_t limit;
};

static void on_listed(void *data, const struct db_rows *rows, const struct error *error)
{
    struct listing *listing = data;
    if (error) {
        route_answer_error(listing->call, error);
        return;
    }
    struct feed_page page = feed_read_page(rows);
    if (listing->given && !listing->now && is_gone(&page, listing->since)) {
        http_respond_problem(listing->call->exchange, ERR_GONE, gone_detail, NULL, 0);
        return;
    }
    bool is_full = page.count == listing->limit;
    struct feed_position next = listing->now ? page.edge : listing->since;
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "changes");
    json_begin_array(&w);
    for (size_t i = 0; i < page.count; i++) {
        json_raw(&w, db_rows_text(rows, i, db_rows_column(rows, "change")));
        next = feed_row_position(rows, i);
    }
    json_end_array(&w);
    if (!is_full)
        next = feed_position_later(next, page.edge);
    char text[FEED_POSITION_TEXT];
    feed_position_print(next, text);
    json_key(&w, "next_since");
    json_cstr(&w, text);
    json_key(&w, "has_more");
    json_bool(&w, is_full);
    json_end_object(&w);
    route_answer_json(listing->call, 200, buffer_slice(&body));
}

void feed_list_changes(struct feed *feed, struct route_call *call)
{
    struct listing *listing = ARENA_NEW(call->arena, struct listing);
    *listing = (struct listing){.feed = feed, .call = call};
    if (has_bad_types(call) ||
        !read_since(call, (struct slice){0}, &listing->since, &listing->now, &listing->given))
        return;
    const struct route_value *types = route_value_get(call, "types");
    listing->limit = (size_t)route_value_get(call, "limit")->integer;
    feed_query_page(feed, call->arena, listing->now ? the_end : listing->since, types->items,
                    types->count, listing->limit, on_listed, listing);
}

// ------------------------------------------------------------------------------------------------ followers

void subscriber_free(struct subscriber *subscriber)
{
    struct feed *feed = subscriber->feed;
    TAILQ_REMOVE(&feed->subscribers, subscriber, link);
    feed->subscriber_count--;
    guest_leave(feed, &subscriber->guest);
    metric_change(metric_series(&subscribers_now), -1);
    free(subscriber);
    feed_adjust(feed);
}

static void let_go(struct subscriber *subscriber, const char *reason)
{
    metric_inc(metric_series(&streams_ended, reason));
    subscriber->stream = NULL;
    subscriber->live = false;
    subscriber->closed = true;
    if (!subscriber->asking) // else the answer still comes here
        subscriber_free(subscriber);
}

static void on_closed(void *data, enum http_stream_reason reason)
{
    let_go(data, http_stream_reason_name(reason));
}

static void on_expelled(struct guest *guest)
{
    struct subscriber *subscriber =
        (struct subscriber *)((char *)guest - offsetof(struct subscriber, guest));
    if (!subscriber->stream) // not yet: the tick after its first page comes by again
        return;
    http_stream_end(subscriber->stream);
    let_go(subscriber, "key_gone");
}

static bool wants(const struct subscriber *subscriber, struct slice type)
{
    size_t dot = slice_find(type, SLICE("."));
    struct slice kind = slice_sub(type, 0, dot == SIZE_MAX ? type.len : dot);
    for (size_t i = 0; i < subscriber->type_count; i++)
        if (slice_equal(subscriber->types[i], type) || slice_equal(subscriber->types[i], kind))
            return true;
    return subscriber->type_count == 0;
}

void subscriber_take(struct subscriber *subscriber, const struct feed_entry *entry)
{
    if (feed_position_compare(entry->position, subscriber->position) <= 0)
        return; // it was ahead of the reader
    if (wants(subscriber, entry->type)) {
        if (!http_stream_write(subscriber->stream, entry->text))
            return; // too slow: it is dropped, and goes on from its last one when it comes back
        metric_inc(metric_series(&events_sent));
    }
    subscriber->position = entry->position;
}

static void ask(struct subscriber *subscriber);

// It has everything up to its position: what comes after it is in the ring, or still to be read. Otherwise it is so far
// behind that it has to go on by itself.
static void join(struct subscriber *subscriber)
{
    struct feed *feed = subscriber->feed;
    if (!feed->active) {
        feed_activate(feed, subscriber->position);
    }
    if (feed_position_compare(subscriber->position, feed->start) < 0) {
        ask(subscriber);
        return;
    }
    subscriber->live = true;
    for (size_t i = 0; i < feed->count; i++)
        subscriber_take(subscriber, &feed->ring[(feed->first + i) % FEED_RING]);
}

static void send_page(struct subscriber *subscriber, const struct db_rows *rows,
                      const struct feed_page *page)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_EVENT_BYTES);
    for (size_t i = 0; i < page->count; i++) {
        buffer_clear(&text);
        feed_render_row(rows, i, &text);
        if (!http_stream_write(subscriber->stream, buffer_slice(&text)))
            return;
        metric_inc(metric_series(&events_sent));
        subscriber->position = feed_row_position(rows, i);
    }
    if (page->count < FEED_PAGE) {
        subscriber->position = feed_position_later(subscriber->position, page->edge);
        join(subscriber);
    } else if (http_stream_room(subscriber->stream) >= CATCH_UP_ROOM) {
        ask(subscriber);
    } // else the tick, when it has read some
}

// The stream begins when it is known that it can. Where it stands is told at once, so that one that breaks off before
// the first change loses nothing.
static bool open_stream(struct subscriber *subscriber, const struct feed_page *page)
{
    struct http_exchange *exchange = subscriber->call->exchange;
    if (subscriber->from_now)
        subscriber->position = page->edge;
    if (is_gone(page, subscriber->position)) {
        http_respond_problem(exchange, ERR_GONE, gone_detail, NULL, 0);
        return false;
    }
    subscriber->stream = http_events_begin(exchange, on_closed, subscriber);
    if (!subscriber->stream)
        return false;
    char position[FEED_POSITION_TEXT], text[FEED_POSITION_TEXT + 8];
    feed_position_print(subscriber->position, position);
    int len = snprintf(text, sizeof text, "id: %s\n\n", position);
    http_stream_write(subscriber->stream, (struct slice){text, (size_t)len});
    return true;
}

static void on_page(void *data, const struct db_rows *rows, const struct error *error)
{
    struct subscriber *subscriber = data;
    subscriber->asking = false;
    if (subscriber->closed) {
        subscriber_free(subscriber);
        return;
    }
    if (error) { // once it has begun, the tick asks again
        if (!subscriber->stream) {
            route_answer_error(subscriber->call, error);
            subscriber_free(subscriber);
        }
        return;
    }
    struct feed_page page = feed_read_page(rows);
    if (!subscriber->stream && !open_stream(subscriber, &page)) {
        subscriber_free(subscriber);
    } else if (is_gone(&page, subscriber->position)) { // what it was to read next was removed
        http_stream_end(subscriber->stream);
        subscriber_free(subscriber);
    } else {
        send_page(subscriber, rows, &page);
    }
}

static void ask(struct subscriber *subscriber)
{
    subscriber->asking = true;
    // Of its own: the call's lasts as long as the stream.
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(QUESTION_BYTES);
    feed_query_page(subscriber->feed, arena,
                    subscriber->from_now && !subscriber->stream ? the_end : subscriber->position,
                    subscriber->types, subscriber->type_count, FEED_PAGE, on_page, subscriber);
}

void subscriber_tick(struct subscriber *subscriber)
{
    if (!subscriber->live && !subscriber->asking && subscriber->stream &&
        http_stream_room(subscriber->stream) >= CATCH_UP_ROOM)
        ask(subscriber);
}

void feed_stream_changes(struct feed *feed, struct route_call *call, unsigned group)
{
    struct feed_position since;
    bool now, given;
    if (has_bad_types(call) ||
        !read_since(call, http_events_last_id(call->exchange), &since, &now, &given))
        return;
    const struct route_value *types = route_value_get(call, "types");
    struct subscriber *subscriber = calloc(1, sizeof *subscriber);
    ensure(subscriber != NULL);
    *subscriber = (struct subscriber){
        .feed = feed,
        .call = call,
        .position = since,
        .from_now = now || !given,
        .types = types->items,
        .type_count = types->count,
        .group = group,
    };
    if (!guest_enter(&subscriber->guest, feed, call, on_expelled)) {
        free(subscriber);
        return;
    }
    TAILQ_INSERT_TAIL(&feed->subscribers, subscriber, link);
    feed->subscriber_count++;
    metric_change(metric_series(&subscribers_now), 1);
    feed_adjust(feed);
    ask(subscriber);
}

// ---------------------------------------------------------------------------------------------------- groups

void feed_broadcast(struct feed *feed, unsigned group, struct slice type, struct slice data)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_EVENT_BYTES);
    http_events_render(&text, (struct slice){0}, type, data);
    struct subscriber *subscriber;
    TAILQ_FOREACH(subscriber, &feed->subscribers, link)
    if (subscriber->group == group && subscriber->stream)
        http_stream_write(subscriber->stream, buffer_slice(&text));
}

size_t feed_group_size(const struct feed *feed, unsigned group)
{
    size_t count = 0;
    const struct subscriber *subscriber;
    TAILQ_FOREACH(subscriber, &feed->subscribers, link)
    count += subscriber->group == group && subscriber->stream;
    return count;
}
