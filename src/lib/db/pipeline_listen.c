// Notifications for event loops, on a connection of their own: a busy one would hold them back.
#include "lib/base/ensure.h"
#include "lib/db/failure.h"
#include "lib/db/pipeline_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Long enough for a server that is only busy, short enough for somebody who waits.
// A connection that lost its server unnoticed (a machine gone from the network) is given up after the last.
enum { TICK_MS = 500, SILENT_TICKS = 4, LOST_TICKS = 20 };

struct subscription {
    const char *channel;
    void (*fn)(void *data, const char *channel, struct slice payload);
    void *data;
};

struct db_listener {
    struct db_pipeline *pipeline;
    struct db_target *target;
    struct db_link link;
    struct subscription subscriptions[DB_PIPELINE_MAX_LISTENERS];
    size_t count;
    size_t listening; // how many of them the connection knows; the next one is asked for when busy
    bool started, busy;
    struct loop_timer *timer;
    bool asked;     // whether the server is still there
    unsigned ticks; // since something was asked
    bool silent;    // until it answers, or ends the connection
};

struct db_listener *db_listener_new(struct db_pipeline *pipeline, const struct db_options *options)
{
    struct db_listener *listener = calloc(1, sizeof *listener);
    ensure(listener != NULL);
    listener->pipeline = pipeline;
    listener->target = db_target_new(options);
    return listener;
}

void db_listener_stop(struct db_listener *listener)
{
    if (listener->started)
        db_link_stop(&listener->link);
    loop_timer_stop(listener->timer);
    listener->timer = NULL;
}

void db_listener_free(struct db_listener *listener)
{
    db_target_free(listener->target);
    free(listener);
}

static void lose(struct db_listener *listener)
{
    struct error reason;
    db_failure_of_loss(listener->link.conn, "listen", &reason);
    db_link_lose(&listener->link, &reason);
}

static void listen_next(struct db_listener *listener)
{
    if (listener->busy || listener->listening == listener->count)
        return;
    const char *channel = listener->subscriptions[listener->listening].channel;
    char *quoted = PQescapeIdentifier(listener->link.conn, channel, strlen(channel));
    ensure(quoted != NULL); // channels are names of ours
    char *sql;
    ensure(asprintf(&sql, "listen %s", quoted) >= 0);
    PQfreemem(quoted);
    listener->busy = PQsendQuery(listener->link.conn, sql);
    free(sql);
    listener->ticks = 0;
    if (!listener->busy || !db_link_flush(&listener->link))
        lose(listener);
}

static bool is_alive(const struct db_listener *listener)
{
    return !listener->pipeline->closing && listener->link.state == DB_LINK_UP;
}

static void on_up(void *owner)
{
    struct db_listener *listener = owner;
    listener->listening = 0;
    listen_next(listener);
}

static void on_listening(struct db_listener *listener)
{
    listener->busy = false;
    const struct subscription *begun = &listener->subscriptions[listener->listening++];
    begun->fn(begun->data, begun->channel, (struct slice){0});
    if (is_alive(listener))
        listen_next(listener);
}

static void take_results(struct db_listener *listener)
{
    while (is_alive(listener) && listener->busy && !PQisBusy(listener->link.conn)) {
        PGresult *result = PQgetResult(listener->link.conn);
        listener->silent = false;
        if (!result && listener->asked) {
            listener->busy = listener->asked = false;
            listen_next(listener);
            continue;
        }
        if (!result) {
            on_listening(listener);
            continue;
        }
        bool failed =
            PQresultStatus(result) != (listener->asked ? PGRES_EMPTY_QUERY : PGRES_COMMAND_OK);
        PQclear(result);
        if (failed)
            lose(listener); // and try again later
    }
}

static void take_notifications(struct db_listener *listener)
{
    while (is_alive(listener)) {
        PGnotify *notify = PQnotifies(listener->link.conn);
        if (!notify)
            return;
        for (size_t i = 0; i < listener->count && is_alive(listener); i++) {
            const struct subscription *s = &listener->subscriptions[i];
            if (strcmp(s->channel, notify->relname) == 0)
                s->fn(s->data, s->channel, slice_from_cstr(notify->extra));
        }
        PQfreemem(notify);
    }
}

static void on_readable(void *owner)
{
    struct db_listener *listener = owner;
    struct db_pipeline *pipeline = listener->pipeline;
    pipeline_enter(pipeline);
    take_results(listener);
    take_notifications(listener);
    db_link_end_reading(&listener->link, false);
    pipeline_leave(pipeline);
}

static void on_down(void *owner)
{
    struct db_listener *listener = owner;
    listener->busy = listener->asked = listener->silent = false;
}

static void wait_longer(struct db_listener *listener)
{
    listener->ticks++;
    listener->silent = listener->silent || listener->ticks >= SILENT_TICKS;
    if (listener->ticks < LOST_TICKS)
        return;
    struct error reason;
    error_set(&reason, ERR_DATABASE_UNAVAILABLE, PIPELINE_SILENT_DETAIL);
    db_link_lose(&listener->link, &reason);
    listener->silent = true; // a new connection has to be answered first
}

// A server that hangs keeps its connections open and says nothing. This connection has nothing else to do, so that no
// slow statement keeps the answer back. Ticks are counted, not time: a process that was stopped itself has heard nothing.
static void on_tick(void *data)
{
    struct db_listener *listener = data;
    if (!is_alive(listener))
        return;
    if (listener->busy) {
        wait_longer(listener);
        return;
    }
    listener->ticks = 0;
    listener->busy = listener->asked = PQsendQuery(listener->link.conn, "");
    if (!listener->busy || !db_link_flush(&listener->link))
        lose(listener);
}

bool db_listener_is_silent(const struct db_listener *listener)
{
    return listener->silent;
}

static const struct db_link_events events = {on_up, on_readable, on_down};

void db_pipeline_listen(struct db_pipeline *pipeline, const char *channel,
                        void (*fn)(void *data, const char *channel, struct slice payload),
                        void *data)
{
    struct db_listener *listener = pipeline->listener;
    ensure(listener->count < DB_PIPELINE_MAX_LISTENERS && !pipeline->closing);
    listener->subscriptions[listener->count++] = (struct subscription){channel, fn, data};
    if (!listener->started) {
        listener->started = true;
        listener->timer = loop_every(pipeline->loop, TICK_MS, on_tick, listener);
        db_link_start(&listener->link, pipeline->loop, listener->target, &events, listener);
    } else if (listener->link.state == DB_LINK_UP) {
        listen_next(listener);
    }
}
