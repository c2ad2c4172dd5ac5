// One connection of a pipeline: what was sent, and whose turn it is to be answered.
#include "lib/base/ensure.h"
#include "lib/db/failure.h"
#include "lib/db/pipeline_internal.h"
#include "lib/db/rows_result.h"

#include <stdlib.h>

enum { MAX_SQL_BYTES = 4 * 1024 * 1024 };

bool connection_is_up(const struct db_connection *connection)
{
    return connection->link.state == DB_LINK_UP && !connection->broken;
}

size_t connection_load(const struct db_connection *connection)
{
    const struct query *head = connection->sent.first;
    bool slow = head && pipeline_now_ms(connection->pipeline) - head->sent_ms >= PIPELINE_SLOW_MS;
    return connection->sent.count + (slow ? PIPELINE_MAX_ON_CONNECTION : 0);
}

// Sending

static bool send_sync(struct db_connection *connection, struct query *last)
{
    connection->group_open = false;
    last->syncs = true;
    connection->pipeline->counters.syncs++;
    return PQsendPipelineSync(connection->link.conn);
}

static bool end_group(struct db_connection *connection)
{
    return !connection->group_open || send_sync(connection, connection->sent.last);
}

// The Close of a surplus statement and the Parse of a new one go out with the first query that needs it, in a group of
// its own: then nothing but that Parse can be the reason when the query is skipped.
static bool send_prepare(struct db_connection *connection, struct query *query,
                         enum query_stage *ret_stage, struct db_variant **ret_variant)
{
    PGconn *conn = connection->link.conn;
    if (!end_group(connection))
        return false;
    struct db_variant *surplus = db_variants_surplus(&connection->variants);
    bool closes = surplus != NULL;
    if (closes) {
        if (!PQsendClosePrepared(conn, surplus->name))
            return false;
        db_variants_drop(&connection->variants, surplus);
    }
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(MAX_SQL_BYTES);
    char *sql;
    *ret_variant =
        db_variants_add(&connection->variants, query->statement, query->mask, arena, &sql);
    query->prepares = true;
    *ret_stage = closes ? QUERY_CLOSING : QUERY_PREPARING;
    return PQsendPrepare(conn, (*ret_variant)->name, sql, 0, NULL);
}

static bool send_query(struct db_connection *connection, struct query *query)
{
    query->prepares = query->syncs = query->again = false;
    struct db_variant *variant =
        db_variants_find(&connection->variants, query->statement, query->mask);
    enum query_stage stage = QUERY_EXECUTING;
    if (!variant && !send_prepare(connection, query, &stage, &variant))
        return false;
    query->serial = variant->serial;
    query->reads = variant->reads;
    bool alone = query->prepares || query->alone || !query->reads;
    const char *bound[DB_MAX_PARAMS];
    db_variant_bind(variant, query->texts, bound);
    bool sent = !alone || end_group(connection);
    sent = sent && PQsendQueryPrepared(connection->link.conn, variant->name, variant->param_count,
                                       bound, NULL, NULL, 1);
    if (!sent)
        return false;
    query->stage = stage;
    connection->group_open = true;
    query_list_append(&connection->sent, query);
    return !alone || send_sync(connection, query);
}

void connection_send(struct db_connection *connection, struct query *query)
{
    query->sends++;
    query->sent_ms = pipeline_now_ms(connection->pipeline);
    connection->dirty = true;
    if (send_query(connection, query))
        return;
    // Rare (the connection broke while writing). Whatever was sent is sorted out when it is given up, at the end of the turn.
    connection->broken = true;
    if (query->stage == QUERY_UNSENT)
        query_list_append(&connection->sent, query);
    pipeline_wake(connection->pipeline);
}

void connection_end_turn(struct db_connection *connection)
{
    if (!connection->dirty || !connection_is_up(connection))
        return;
    connection->dirty = false;
    if (!end_group(connection)) {
        connection->broken = true;
        pipeline_wake(connection->pipeline);
        return;
    }
    db_link_flush(&connection->link);
}

// Answers

// The prepared form that this query used is not there; another may have replaced it already.
static void forget_variant(struct db_connection *connection, const struct query *query)
{
    struct db_variant *variant =
        db_variants_find(&connection->variants, query->statement, query->mask);
    if (variant && variant->serial == query->serial)
        db_variants_drop(&connection->variants, variant);
}

static void keep_error(struct query *query, const PGresult *result)
{
    query->error = calloc(1, sizeof *query->error);
    ensure(query->error != NULL);
    db_failure_of_result(result, query->statement->name, NULL, query->error);
}

static void on_prepared(struct db_connection *connection, struct query *query, PGresult *result)
{
    query->stage = QUERY_EXECUTING;
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        keep_error(query, result);
        forget_variant(connection, query);
    }
    PQclear(result);
}

// What does the answer mean for the query? Takes the result over.
static void judge(struct db_connection *connection, struct query *query, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) {
        query->result = result;
        return;
    }
    if (status == PGRES_PIPELINE_ABORTED) {
        // Skipped: because its own Parse failed, whose error is kept already, or a neighbour did.
        query->again = query->alone = !query->error;
    } else if (query->sends < PIPELINE_MAX_SENDS && db_failure_is_stale(result)) {
        forget_variant(connection, query);
        query->again = true;
    } else if (query->sends < PIPELINE_MAX_SENDS && query->done && db_failure_is_cancel(result)) {
        // Not out of time: a cancel request meant for the query before it came too late.
        query->again = true;
    } else {
        keep_error(query, result);
    }
    PQclear(result);
}

static void take_off(struct db_connection *connection, struct query *query)
{
    query_list_remove(&connection->sent, query);
    if (connection->cancelled == query)
        connection->cancelled = NULL;
}

static void on_executed(struct db_connection *connection, struct query *query, PGresult *result)
{
    struct db_pipeline *pipeline = connection->pipeline;
    judge(connection, query, result);
    bool reads = query->reads, syncs = query->syncs;
    if (syncs)
        query->stage = QUERY_SYNCING;
    else
        take_off(connection, query);
    // A write is kept until its commit is known, with the Sync.
    if (reads && syncs && !query->again)
        pipeline_tell(query);
    else if (!syncs)
        pipeline_settle(pipeline, query);
}

static void on_synced(struct db_connection *connection, struct query *query, PGresult *result)
{
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
        // The commit failed (a deferred constraint, a serialization failure); the Sync's own answer is still to come.
        PQclear(query->result);
        query->result = NULL;
        if (!query->error)
            keep_error(query, result);
        PQclear(result);
        return;
    }
    PQclear(result);
    take_off(connection, query);
    pipeline_settle(connection->pipeline, query);
}

static void on_result(struct db_connection *connection, struct query *query, PGresult *result)
{
    if (db_failure_ends_connection(result) || PQstatus(connection->link.conn) == CONNECTION_BAD) {
        struct error reason;
        db_failure_of_result(result, "connection", NULL, &reason);
        PQclear(result);
        db_link_lose(&connection->link, &reason);
        return;
    }
    switch (query->stage) {
    case QUERY_CLOSING:
        query->stage = QUERY_PREPARING;
        PQclear(result);
        break;
    case QUERY_PREPARING:
        on_prepared(connection, query, result);
        break;
    case QUERY_EXECUTING:
        on_executed(connection, query, result);
        break;
    case QUERY_SYNCING:
        on_synced(connection, query, result);
        break;
    case QUERY_UNSENT: // there is no answer to it, but to what was sent before it failed
        PQclear(result);
        break;
    }
}

static void on_readable(void *owner)
{
    struct db_connection *connection = owner;
    pipeline_enter(connection->pipeline);
    // libpq ends each command with a NULL; two of them mean that it expects nothing more, and we disagree.
    int ends = 0;
    while (connection->link.state == DB_LINK_UP && connection->sent.first &&
           !PQisBusy(connection->link.conn)) {
        PGresult *result = PQgetResult(connection->link.conn);
        if (result) {
            ends = 0;
            on_result(connection, connection->sent.first, result);
        } else if (++ends > 1) {
            struct error reason;
            db_failure_of_loss(connection->link.conn, "connection", &reason);
            db_link_lose(&connection->link, &reason);
        }
    }
    pipeline_leave(connection->pipeline);
}

// Coming up, going down

static void on_up(void *owner)
{
    struct db_connection *connection = owner;
    ensure(PQenterPipelineMode(connection->link.conn));
    connection->pipeline->counters.connects++;
    connection->broken = connection->dirty = connection->group_open = false;
    pipeline_wake(connection->pipeline);
}

static void forget_all(struct db_connection *connection)
{
    db_variants_clear(&connection->variants);
    db_cancel_free(connection->cancel);
    connection->cancel = NULL;
    connection->cancelled = NULL;
    connection->group_open = connection->dirty = connection->broken = false;
}

// What becomes of a query whose connection is gone before its answer: sent again where that is safe.
static void sort_out(struct db_connection *connection, struct query *query)
{
    struct db_pipeline *pipeline = connection->pipeline;
    bool safe =
        query->stage == QUERY_UNSENT || (query->reads && ++query->losses < PIPELINE_MAX_LOSSES);
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
    forget_all(connection);
    // From the last to the first, each before the others that wait: the order stays.
    for (struct query *query; (query = connection->sent.last);) {
        query_list_remove(&connection->sent, query);
        sort_out(connection, query);
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

static const struct db_link_events events = {on_up, on_readable, on_down};

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
static void stop_first(struct db_connection *connection, uint64_t now_ms)
{
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

void connection_check_time(struct db_connection *connection, uint64_t now_ms)
{
    struct db_pipeline *pipeline = connection->pipeline;
    for (struct query *query = connection->sent.first, *next; query && !pipeline->closing;
         query = next) {
        next = query->next;
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
        stop_first(connection, now_ms);
}
