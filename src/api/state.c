#include "api/state.h"

#include "api/scrape/worker.h"
#include "lib/base/digest.h"
#include "lib/base/ensure.h"
#include "statements.gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WAITERS = 256, RECHECK_MS = 2000 };

struct api_state {
    struct luma_url_rules *rules;
    struct scrape_workers *workers;
    struct feed_seats *seats; // of the streams of all loops
};

// Somebody who asked for an event to be scraped and stays on the line.
struct waiter {
    struct waiter *next;
    struct api_loop *loop;
    struct route_call *call;
    char event_id[UUID_TEXT];
    struct slice accepted;
    struct loop_timer *deadline;
    bool checking; // a query is under way: its answer decides, whatever else happens meanwhile
    bool expired;
    bool check_again; // news came during the query
};

struct api_loop {
    struct api_state *state;
    struct loop *loop;
    struct db_pipeline *db;
    struct feed *feed;
    struct waiter *waiters;
    size_t waiting;
    struct loop_timer *recheck;
    bool draining;
};

// ------------------------------------------------------------------------------------------------- process

static struct slice join_hosts(struct arena *arena, const struct config_list *hosts)
{
    const char *text = "";
    for (size_t i = 0; i < hosts->count; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? "," : "", hosts->items[i]);
    return slice_from_cstr(text);
}

enum err api_state_new(const struct config *config, void **ret_state, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(64 * 1024);
    struct api_state *state = calloc(1, sizeof *state);
    ensure(state != NULL);
    state->seats = feed_seats_new();
    enum err err = luma_url_rules_new(join_hosts(arena, &config->scrape_allowed_hosts),
                                      &state->rules, ret_error);
    if (!err && config->scrape_workers > 0)
        err = scrape_workers_start(config, state->rules, &state->workers, ret_error);
    if (err) {
        api_state_free(state);
        return err;
    }
    *ret_state = state;
    return ERR_OK;
}

void api_state_begin_stop(void *data)
{
    struct api_state *state = data;
    scrape_workers_begin_stop(state->workers);
}

void api_state_free(void *data)
{
    struct api_state *state = data;
    if (!state)
        return;
    scrape_workers_stop(state->workers);
    luma_url_rules_free(state->rules);
    feed_seats_free(state->seats);
    free(state);
}

const struct luma_url_rules *api_rules(const struct route_call *call)
{
    const struct api_loop *loop = call->service;
    return loop->state->rules;
}

struct feed *api_feed(const struct route_call *call)
{
    const struct api_loop *loop = call->service;
    return loop->feed;
}

// ------------------------------------------------------------------------------------------------- waiters

static void finish(struct waiter *waiter, int status, struct slice body)
{
    struct waiter **at = &waiter->loop->waiters;
    while (*at != waiter)
        at = &(*at)->next;
    *at = waiter->next;
    waiter->loop->waiting--;
    loop_timer_stop(waiter->deadline);
    route_answer_json(waiter->call, status, body);
    free(waiter);
}

static void check(struct waiter *waiter);

static void on_outcome(void *data, const struct db_rows *rows, const struct error *error)
{
    struct waiter *waiter = data;
    waiter->checking = false;
    bool known = !error && db_rows_count(rows) > 0;
    if (known && !db_rows_bool(rows, 0, db_rows_column(rows, "_pending")))
        finish(waiter, 200, db_rows_text(rows, 0, db_rows_column(rows, "_item")));
    else if (waiter->expired)
        finish(waiter, 202, waiter->accepted);
    else if (waiter->check_again)
        check(waiter);
}

static void check(struct waiter *waiter)
{
    waiter->check_again = waiter->checking;
    if (waiter->checking)
        return;
    waiter->checking = true;
    const struct db_value values[] = {db_cstr(waiter->event_id)};
    db_pipeline_query(waiter->loop->db, &sql_events_event_outcome, values, on_outcome, waiter);
}

static void on_deadline(void *data)
{
    struct waiter *waiter = data;
    waiter->expired = true;
    check(waiter);
}

// The topic event_processing: {"event_id": …}. An absent payload: something may have been missed.
static void on_news(void *data, const char *channel, struct slice payload)
{
    struct api_loop *loop = data;
    (void)channel;
    for (struct waiter *waiter = loop->waiters; waiter; waiter = waiter->next)
        if (!payload.ptr || slice_find(payload, slice_from_cstr(waiter->event_id)) != SIZE_MAX)
            check(waiter);
}

// Whose client has gone waits no longer: its place is for somebody else.
static void recheck_all(void *data)
{
    struct api_loop *loop = data;
    for (struct waiter *waiter = loop->waiters; waiter; waiter = waiter->next)
        waiter->expired = waiter->expired || http_exchange_is_over(waiter->call->exchange);
    on_news(data, "", (struct slice){0});
}

// What they asked for is stored, and who restarts the service should not wait for it.
void api_loop_drain(void *data)
{
    struct api_loop *loop = data;
    loop->draining = true;
    for (struct waiter *waiter = loop->waiters; waiter; waiter = waiter->next)
        on_deadline(waiter);
}

void api_wait_for_event(struct route_call *call, const char *event_id, uint32_t timeout_ms,
                        struct slice accepted)
{
    struct api_loop *loop = call->service;
    if (loop->waiting == MAX_WAITERS || loop->draining) {
        route_answer_json(call, 202, accepted);
        return;
    }
    struct waiter *waiter = calloc(1, sizeof *waiter);
    ensure(waiter != NULL);
    *waiter =
        (struct waiter){.next = loop->waiters, .loop = loop, .call = call, .accepted = accepted};
    snprintf(waiter->event_id, sizeof waiter->event_id, "%s", event_id);
    loop->waiters = waiter;
    loop->waiting++;
    waiter->deadline = loop_after(loop->loop, timeout_ms, on_deadline, waiter);
    check(waiter); // it may be done already
}

void *api_loop_new(void *state, struct loop *loop, struct db_pipeline *db)
{
    struct api_loop *api = calloc(1, sizeof *api);
    ensure(api != NULL);
    *api = (struct api_loop){.state = state, .loop = loop, .db = db};
    api->feed = feed_new(loop, db, api->state->seats);
    db_pipeline_listen(db, "event_processing", on_news, api);
    api->recheck = loop_every(loop, RECHECK_MS, recheck_all, api);
    return api;
}

void api_loop_free(void *data)
{
    struct api_loop *api = data;
    loop_timer_stop(api->recheck);
    while (api->waiters) // a drain that ran out of time: what they asked for is stored
        finish(api->waiters, 202, api->waiters->accepted);
    feed_free(api->feed);
    free(api);
}
