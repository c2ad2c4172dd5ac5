// Answers: what the connection says next is about the first query that was sent and has not been
// answered.
#include "lib/base/ensure.h"
#include "lib/db/failure.h"
#include "lib/db/pipeline_internal.h"

#include <stdlib.h>

static void take_off(struct db_connection *connection, struct query *query)
{
    query_list_remove(&connection->sent, query);
    connection->load_us -= query->cost_us;
    connection->first_ms = pipeline_now_ms(connection->pipeline);
    if (connection->cancelled == query)
        connection->cancelled = NULL;
}

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
        // The commit failed (a deferred constraint, a serialization failure); the Sync's own answer
        // is still to come.
        PQclear(query->result);
        query->result = NULL;
        if (!query->error)
            keep_error(query, result);
        PQclear(result);
        return;
    }
    PQclear(result);
    connection_measure_group(connection, query);
    take_off(connection, query);
    pipeline_settle(connection->pipeline, query);
}

static void on_result(struct db_connection *connection, struct query *query, PGresult *result)
{
    if (db_failure_ends_connection(result)) {
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

void connection_read_answers(void *owner)
{
    struct db_connection *connection = owner;
    pipeline_enter(connection->pipeline);
    // libpq ends each command with a NULL; two of them mean that it expects nothing more, and we
    // disagree.
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
    db_link_end_reading(&connection->link, !connection->sent.first);
    pipeline_leave(connection->pipeline);
}
