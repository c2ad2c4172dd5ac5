#include "lib/db/pipeline.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/db/pipeline_internal.h"
#include "lib/db/rows_result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEFAULT_CONNECTIONS = 2, DEFAULT_MAX_QUEUED = 4096, DEFAULT_QUERY_TIMEOUT_MS = 10000 };

// Lists

void query_list_append(struct query_list *list, struct query *query)
{
    query->previous = list->last;
    query->next = NULL;
    *(list->last ? &list->last->next : &list->first) = query;
    list->last = query;
    list->count++;
}

void query_list_prepend(struct query_list *list, struct query *query)
{
    query->previous = NULL;
    query->next = list->first;
    *(list->first ? &list->first->previous : &list->last) = query;
    list->first = query;
    list->count++;
}

void query_list_remove(struct query_list *list, struct query *query)
{
    *(query->previous ? &query->previous->next : &list->first) = query->next;
    *(query->next ? &query->next->previous : &list->last) = query->previous;
    list->count--;
}

// Outcomes

void query_fail(struct query *query, enum err code, const char *format, ...)
{
    char detail[sizeof query->error->detail];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    if (!query->error)
        query->error = calloc(1, sizeof *query->error);
    ensure(query->error != NULL);
    error_set(query->error, code, "%s", detail);
}

void pipeline_tell(struct query *query)
{
    db_done *done = query->done;
    void *data = query->data;
    PGresult *result = query->result;
    struct error *error = query->error;
    char asker[DB_REQUEST_ID_BYTES];
    if (done)
        db_tell_observer(query->statement->name, query->asked_ns, error ? error->code : ERR_OK,
                         query->request_id);
    snprintf(asker, sizeof asker, "%s", db_request());
    db_set_request(query->request_id);
    query->done = NULL;
    query->result = NULL;
    query->error = NULL;
    // From here on the query may be gone.
    if (done && error)
        done(data, NULL, error);
    else if (done)
        done(data, db_rows_from_result(result), NULL);
    db_set_request(asker);
    PQclear(result);
    free(error);
}

static void query_free(struct db_pipeline *pipeline, struct query *query)
{
    pipeline->count--;
    PQclear(query->result);
    free(query->error);
    free(query);
}

void pipeline_settle(struct db_pipeline *pipeline, struct query *query)
{
    if (query->again && query->done && !pipeline->closing) {
        query->stage = QUERY_UNSENT;
        query->waiting_ms = pipeline_now_ms(pipeline);
        pipeline->counters.resent++;
        query_list_append(&pipeline->waiting, query);
        pipeline_wake(pipeline);
        return;
    }
    pipeline_tell(query);
    query_free(pipeline, query);
}

void pipeline_tell_failed(struct db_pipeline *pipeline)
{
    for (struct query *query; (query = pipeline->failed.first);) {
        query_list_remove(&pipeline->failed, query);
        if (pipeline->closing && query->done && !query->error)
            query_fail(query, ERR_SHUTTING_DOWN, "the connections to the database are closing");
        pipeline_tell(query);
        query_free(pipeline, query);
    }
}

// Turns

uint64_t pipeline_now_ms(const struct db_pipeline *pipeline)
{
    return uv_now(loop_uv(pipeline->loop));
}

void pipeline_enter(struct db_pipeline *pipeline)
{
    pipeline->depth++;
}

void pipeline_leave(struct db_pipeline *pipeline)
{
    if (--pipeline->depth > 0 || !pipeline->closing)
        return;
    ensure(pipeline->count == 0);
    db_listener_free(pipeline->listener);
    db_target_free(pipeline->target);
    free(pipeline);
}

static bool takes_queries(const struct db_connection *connection)
{
    return connection_is_up(connection) && !connection_is_slow(connection) &&
           connection->sent.count < PIPELINE_MAX_ON_CONNECTION;
}

static bool takes_some(const struct db_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->connection_count; i++)
        if (takes_queries(&pipeline->connections[i]))
            return true;
    return false;
}

// The least loaded connection that takes another query; the next one in turn among equals. NULL
// when there is none.
static struct db_connection *choose(struct db_pipeline *pipeline)
{
    struct db_connection *best = NULL;
    for (size_t i = 0; i < pipeline->connection_count; i++) {
        size_t at = (pipeline->next_connection + i) % pipeline->connection_count;
        struct db_connection *candidate = &pipeline->connections[at];
        if (takes_queries(candidate) && (!best || candidate->load_us < best->load_us))
            best = candidate;
    }
    pipeline->next_connection++;
    return best;
}

static void hand_out(struct db_pipeline *pipeline)
{
    for (struct db_connection *connection;
         pipeline->waiting.first && (connection = choose(pipeline));) {
        struct query *query = pipeline->waiting.first;
        query_list_remove(&pipeline->waiting, query);
        connection_send(connection, query);
    }
    for (size_t i = 0; i < pipeline->connection_count; i++)
        connection_end_turn(&pipeline->connections[i]);
}

// The end of a turn: what went wrong in it is told here, never inside the call that asked, and what
// was asked goes out.
static void on_turn_end(void *data)
{
    struct db_pipeline *pipeline = data;
    pipeline_enter(pipeline);
    if (pipeline->failed.first)
        loop_again(pipeline->loop); // those who are told may have work for hooks that have run
    for (size_t i = 0; i < pipeline->connection_count && !pipeline->closing; i++)
        connection_lose_broken(&pipeline->connections[i]);
    pipeline_tell_failed(pipeline);
    if (!pipeline->closing)
        hand_out(pipeline);
    pipeline_leave(pipeline);
}

void pipeline_wake(struct db_pipeline *pipeline)
{
    loop_again(pipeline->loop);
}

// Time

// Moves what has waited for too long to the failed ones.
static void check_waiting(struct db_pipeline *pipeline)
{
    uint64_t now_ms = pipeline_now_ms(pipeline);
    bool up = db_pipeline_is_ready(pipeline);
    for (struct query *query = pipeline->waiting.first, *next; query; query = next) {
        next = query->next;
        if (now_ms - query->asked_ms >= pipeline->query_timeout_ms) {
            pipeline->counters.timeouts++;
            query_fail(query, ERR_TIMEOUT, "57014: %s: not even begun within %u ms",
                       query->statement->name, pipeline->query_timeout_ms);
        } else if (db_listener_is_silent(pipeline->listener) &&
                   now_ms - query->waiting_ms >= PIPELINE_WAIT_MS) {
            query_fail(query, ERR_DATABASE_UNAVAILABLE, PIPELINE_SILENT_DETAIL);
        } else if (!up && now_ms - query->waiting_ms >= PIPELINE_WAIT_MS) {
            query_fail(query, ERR_DATABASE_UNAVAILABLE, "%s",
                       pipeline->connections[0].link.reason.detail);
        } else {
            continue;
        }
        query_list_remove(&pipeline->waiting, query);
        query_list_append(&pipeline->failed, query);
    }
}

static void on_tick(void *data)
{
    struct db_pipeline *pipeline = data;
    pipeline_enter(pipeline);
    check_waiting(pipeline);
    pipeline_tell_failed(pipeline);
    for (size_t i = 0; i < pipeline->connection_count && !pipeline->closing; i++) {
        connection_check_time(&pipeline->connections[i]);
        if (!pipeline->closing && takes_some(pipeline))
            connection_rescue_reads(&pipeline->connections[i]);
    }
    // An idle pipeline lets the loop sleep.
    if (!pipeline->closing && pipeline->count == 0) {
        loop_timer_stop(pipeline->tick);
        pipeline->tick = NULL;
    }
    pipeline_leave(pipeline);
}

// What others see

struct db_pipeline *db_pipeline_new(struct loop *loop, const struct db_pipeline_options *options)
{
    size_t connections = options->connections ? options->connections : DEFAULT_CONNECTIONS;
    ensure(connections <= PIPELINE_MAX_CONNECTIONS);
    struct db_pipeline *pipeline =
        calloc(1, sizeof *pipeline + connections * sizeof pipeline->connections[0]);
    ensure(pipeline != NULL);
    pipeline->loop = loop;
    pipeline->target = db_target_new(&options->db);
    pipeline->max_queued = options->max_queued ? options->max_queued : DEFAULT_MAX_QUEUED;
    pipeline->query_timeout_ms =
        options->query_timeout_ms ? options->query_timeout_ms : DEFAULT_QUERY_TIMEOUT_MS;
    loop_on_turn_end(loop, on_turn_end, pipeline);
    struct db_options listen = options->db;
    if (options->listen_url)
        listen.url = options->listen_url;
    pipeline->listener = db_listener_new(pipeline, &listen);
    pipeline->connection_count = connections;
    for (size_t i = 0; i < connections; i++)
        connection_start(&pipeline->connections[i], pipeline);
    return pipeline;
}

void db_pipeline_free(struct db_pipeline *pipeline)
{
    if (!pipeline || pipeline->closing)
        return;
    pipeline_enter(pipeline);
    pipeline->closing = true;
    db_listener_stop(pipeline->listener);
    for (size_t i = 0; i < pipeline->connection_count; i++)
        connection_stop(&pipeline->connections[i]);
    loop_timer_stop(pipeline->tick);
    pipeline->tick = NULL;
    loop_off_turn_end(pipeline->loop, on_turn_end, pipeline);
    for (struct query *query; (query = pipeline->waiting.first);) {
        query_list_remove(&pipeline->waiting, query);
        query_list_append(&pipeline->failed, query);
    }
    pipeline_tell_failed(pipeline);
    pipeline_leave(pipeline);
}

bool db_pipeline_is_ready(const struct db_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->connection_count; i++)
        if (connection_is_up(&pipeline->connections[i]))
            return !db_listener_is_silent(pipeline->listener);
    return false;
}

static struct query *query_new(struct db_pipeline *pipeline, const struct db_statement *statement,
                               const struct db_value *values, db_done *done, void *data)
{
    size_t texts = statement->param_count * sizeof(char *);
    size_t size = sizeof(struct query) + texts + (values ? db_values_size(statement, values) : 0);
    struct query *query = malloc(size);
    ensure(query != NULL);
    *query = (struct query){.statement = statement,
                            .done = done,
                            .data = data,
                            .size = size,
                            .asked_ms = pipeline_now_ms(pipeline),
                            .asked_ns = clock_monotonic_ns()};
    snprintf(query->request_id, sizeof query->request_id, "%s", db_request());
    query->waiting_ms = query->asked_ms;
    if (values) {
        query->mask = db_variant_mask(statement, values);
        db_values_copy(statement, values, (char *)query->texts + texts, query->texts);
    }
    pipeline->count++;
    return query;
}

void db_pipeline_query(struct db_pipeline *pipeline, const struct db_statement *statement,
                       const struct db_value *values, db_done *done, void *data)
{
    struct error error = {0};
    pipeline->counters.queries++;
    if (pipeline->closing)
        error_set(&error, ERR_SHUTTING_DOWN, "the connections to the database are closing");
    else if (pipeline->count >= pipeline->max_queued)
        error_set(&error, ERR_OVERLOADED, "%zu queries wait for the database", pipeline->count);
    else if (statement->param_count > 0)
        error.code = db_values_check(statement, values, &error);
    // A refused query needs no values.
    struct query *query = query_new(
        pipeline, statement, error.code || statement->param_count == 0 ? NULL : values, done, data);
    if (error.code)
        query_fail(query, error.code, "%s", error.detail);
    query_list_append(error.code ? &pipeline->failed : &pipeline->waiting, query);
    if (!pipeline->tick && !pipeline->closing)
        pipeline->tick = loop_every(pipeline->loop, PIPELINE_TICK_MS, on_tick, pipeline);
    pipeline_wake(pipeline);
}

struct db_pipeline_counters db_pipeline_counters(const struct db_pipeline *pipeline)
{
    struct db_pipeline_counters counters = pipeline->counters;
    counters.waiting = pipeline->waiting.count;
    for (size_t i = 0; i < pipeline->connection_count; i++) {
        counters.under_way += pipeline->connections[i].sent.count;
        bool up = connection_is_up(&pipeline->connections[i]);
        counters.connections_up += up;
        counters.connections_used += up && pipeline->connections[i].sent.count > 0;
    }
    return counters;
}
