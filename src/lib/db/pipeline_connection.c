// One connection of a pipeline: coming up, going down, and queries that take too long.
#include "lib/base/ensure.h"
#include "lib/db/failure.h"
#include "lib/db/pipeline_internal.h"

#include <stdlib.h>
#include <string.h>

bool connection_is_up(const struct db_connection *connection)
{
    return connection->link.state == DB_LINK_UP && !connection->broken;
}

bool connection_is_slow(const struct db_connection *connection)
{
    return connection->sent.first &&
           pipeline_now_ms(connection->pipeline) - connection->first_ms >= PIPELINE_SLOW_MS;
}

// Coming up, going down

static void on_up(void *owner)
{
    struct db_connection *connection = owner;
    ensure(PQenterPipelineMode(connection->link.conn));
    connection->pipeline->counters.connects++;
    pipeline_wake(connection->pipeline);
}

static void forget_all(struct db_connection *connection)
{
    db_variants_clear(&connection->variants);
    db_cancel_free(connection->cancel);
    connection->cancel = NULL;
    connection->cancelled = NULL;
    connection->group_open = connection->dirty = connection->broken = false;
    connection->load_us = connection->group_cost_us = 0;
}

// What becomes of a query whose connection is gone before its answer: sent again where that is
// safe. Reads go in groups of their own then, so that one that kills its connection will be the
// first, and is not repeated for ever.
static void sort_out(struct db_connection *connection, struct query *query, bool first)
{
    struct db_pipeline *pipeline = connection->pipeline;
    query->losses += first;
    query->alone = true;
    bool safe =
        query->stage == QUERY_UNSENT || (query->reads && query->losses < PIPELINE_MAX_LOSSES);
    if (!query->done || query->error) {
        query_list_append(&pipeline->failed, query);
    } else if (safe) {
        query->stage = QUERY_UNSENT;
        query->waiting_ms = pipeline_now_ms(pipeline);
        pipeline->counters.resent++;
        query_list_prepend(&pipeline->waiting, query);
    } else if (query->reads) {
        query_fail(query, ERR_DATABASE_UNAVAILABLE, "%s", connection->link.reason.detail);
        query_list_append(&pipeline->failed, query);
    } else {
        struct error error;
        db_failure_unknown_outcome(query->statement->name, &error);
        query_fail(query, error.code, "%s", error.detail);
        query_list_append(&pipeline->failed, query);
    }
}

static void on_down(void *owner)
{
    struct db_connection *connection = owner;
    struct db_pipeline *pipeline = connection->pipeline;
    pipeline_enter(pipeline);
    pipeline->counters.losses++;
    // What broke while it was being sent has not been worked on.
    bool worked = !connection->broken;
    forget_all(connection);
    // From the last to the first, each before the others that wait: the order stays.
    for (struct query *query; (query = connection->sent.last);) {
        query_list_remove(&connection->sent, query);
        sort_out(connection, query, worked && !connection->sent.last);
    }
    pipeline_tell_failed(pipeline);
    pipeline_leave(pipeline);
}

void connection_lose_broken(struct db_connection *connection)
{
    if (!connection->broken || connection->link.state != DB_LINK_UP)
        return;
    struct error reason;
    db_failure_of_loss(connection->link.conn, "connection", &reason);
    db_link_lose(&connection->link, &reason);
}

static const struct db_link_events events = {on_up, connection_read_answers, on_down};

void connection_start(struct db_connection *connection, struct db_pipeline *pipeline)
{
    connection->pipeline = pipeline;
    db_link_start(&connection->link, pipeline->loop, pipeline->target, &events, connection);
}

void connection_stop(struct db_connection *connection)
{
    db_link_stop(&connection->link);
    forget_all(connection);
    for (struct query *query; (query = connection->sent.first);) {
        query_list_remove(&connection->sent, query);
        query_list_append(&connection->pipeline->failed, query);
    }
}

// Time

static void on_cancel_done(void *data)
{
    struct db_connection *connection = data;
    db_cancel_free(connection->cancel);
    connection->cancel = NULL;
}

// The first query is the one that the server works on.
static void stop_first(struct db_connection *connection)
{
    uint64_t now_ms = pipeline_now_ms(connection->pipeline);
    const struct query *first = connection->sent.first;
    if (connection->cancelled != first) {
        db_cancel_free(connection->cancel);
        connection->cancel = db_cancel_new(connection->pipeline->loop, connection->link.conn,
                                           on_cancel_done, connection);
        connection->cancelled = first;
        connection->cancelled_ms = now_ms;
    } else if (now_ms - connection->cancelled_ms >= PIPELINE_CANCEL_MS) {
        struct error reason;
        error_set(&reason, ERR_DATABASE_UNAVAILABLE,
                  "08006: the server did not end a query that was cancelled");
        db_link_lose(&connection->link, &reason);
    }
}

// The server hangs. Its connection stays: its answer, should it come, is nobody's.
static void fail_silent(struct query *query)
{
    struct error error;
    if (query->error) // it has its answer
        return;
    if (query->reads) {
        query_fail(query, ERR_DATABASE_UNAVAILABLE, PIPELINE_SILENT_DETAIL);
    } else {
        db_failure_unknown_outcome(query->statement->name, &error);
        query_fail(query, error.code, "%s", error.detail);
    }
}

void connection_check_time(struct db_connection *connection)
{
    struct db_pipeline *pipeline = connection->pipeline;
    uint64_t now_ms = pipeline_now_ms(pipeline);
    for (struct query *query = connection->sent.first, *next; query && !pipeline->closing;
         query = next) {
        next = query->next;
        if (query->done && db_listener_is_silent(pipeline->listener) &&
            now_ms - query->asked_ms >= PIPELINE_WAIT_MS) {
            fail_silent(query);
            pipeline_tell(query);
            continue;
        }
        if (!query->done || now_ms - query->asked_ms < pipeline->query_timeout_ms)
            continue;
        pipeline->counters.timeouts++;
        query_fail(query, ERR_TIMEOUT, "57014: %s: no answer within %u ms", query->statement->name,
                   pipeline->query_timeout_ms);
        pipeline_tell(query);
    }
    const struct query *first = connection->sent.first;
    bool out_of_time = first && now_ms - first->asked_ms >= pipeline->query_timeout_ms;
    if (!pipeline->closing && connection->link.state == DB_LINK_UP && out_of_time && !first->done)
        stop_first(connection);
}

// A copy takes the callback over, and the original stays for its answer.
static struct query *take_over(struct query *query)
{
    struct query *copy = malloc(query->size);
    ensure(copy != NULL);
    memcpy(copy, query, query->size);
    for (size_t i = 0; i < copy->statement->param_count; i++)
        if (query->texts[i])
            copy->texts[i] = (char *)copy + (query->texts[i] - (const char *)query);
    copy->stage = QUERY_UNSENT;
    copy->rescued = copy->alone = true;
    query->done = NULL;
    return copy;
}

void connection_rescue_reads(struct db_connection *connection)
{
    struct db_pipeline *pipeline = connection->pipeline;
    if (connection->link.state != DB_LINK_UP || !connection_is_slow(connection))
        return;
    for (struct query *query = connection->sent.first->next; query; query = query->next)
        if (query->done && query->reads && !query->rescued && !query->result && !query->error) {
            struct query *copy = take_over(query);
            copy->waiting_ms = pipeline_now_ms(pipeline);
            query_list_append(&pipeline->waiting, copy);
            pipeline->count++;
            pipeline->counters.rescued++;
        }
}
