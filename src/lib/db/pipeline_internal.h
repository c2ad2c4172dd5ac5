// The inside of a pipeline. pipeline.c takes queries in and hands them out; pipeline_connection.c sends them and reads
// their answers; pipeline_cancel.c stops one that is out of time; pipeline_listen.c receives notifications.
#pragma once

#include "lib/db/link.h"
#include "lib/db/pipeline.h"
#include "lib/db/variant.h"

enum {
    PIPELINE_MAX_CONNECTIONS = 16,
    PIPELINE_MAX_ON_CONNECTION = 256, // a queue behind one slow query should not become long
    PIPELINE_TICK_MS = 50,
    PIPELINE_WAIT_MS = 450,    // for a connection; with the tick within 500
    PIPELINE_CANCEL_MS = 1000, // for a cancel request to help
    PIPELINE_SLOW_MS =
        100, // a connection whose query runs this long gets others only when all are so
    PIPELINE_MAX_LOSSES = 2, // how often a read is sent when connections break
    PIPELINE_MAX_SENDS = 4,  // how often any is sent when it could not start
};

// What the connection will say next about a query, in this order.
enum query_stage {
    QUERY_UNSENT,
    QUERY_CLOSING,   // of another prepared statement, to make room
    QUERY_PREPARING, // of this one
    QUERY_EXECUTING,
    QUERY_SYNCING, // the end of the group of queries that this one closes
};

struct query {
    struct query *previous, *next;
    const struct db_statement *statement;
    uint64_t mask;
    db_done *done; // NULL: has been told
    void *data;
    uint64_t asked_ms, waiting_ms,
        sent_ms;     // loop time: of the call, since it waits, when it was sent
    uint64_t serial; // of the variant it was sent with
    enum query_stage stage;
    uint8_t sends, losses;
    bool reads;
    bool alone;    // to be sent with a Sync of its own
    bool prepares; // its Parse goes out with it
    bool syncs;    // a Sync follows it
    bool again;    // to be sent again when the connection is through with it
    // The outcome, until it is told.
    PGresult *result;
    struct error *error; // heap
    const char *texts[]; // by position in statement->params; their bytes follow
};

struct query_list {
    struct query *first, *last;
    size_t count;
};

struct db_connection {
    struct db_link link;
    struct db_pipeline *pipeline;
    struct db_variants variants;
    struct query_list sent;
    bool group_open; // the last one sent has no Sync yet
    bool dirty;      // something to flush at the end of the turn
    bool broken;     // libpq took a query no more: to be given up at the end of the turn
    struct db_cancel *cancel;
    const struct query *cancelled; // the query that is being cancelled
    uint64_t cancelled_ms;
};

struct db_listener;

struct db_pipeline {
    struct loop *loop;
    struct db_target *target;
    size_t max_queued;
    uint32_t query_timeout_ms;
    struct query_list waiting; // for a connection
    struct query_list failed;  // to be told, with their error
    size_t count;              // all queries there are
    struct loop_timer *tick;
    unsigned depth; // calls from the loop under way
    bool closing;
    struct db_listener *listener;
    struct db_pipeline_counters counters;
    size_t next_connection, connection_count;
    struct db_connection connections[];
};

void query_list_append(struct query_list *list, struct query *query);
void query_list_prepend(struct query_list *list, struct query *query);
void query_list_remove(struct query_list *list, struct query *query);

// Every call from the loop is wrapped in these: a callback may free the pipeline, whose memory goes with the last leave.
void pipeline_enter(struct db_pipeline *pipeline);
void pipeline_leave(struct db_pipeline *pipeline);
uint64_t pipeline_now_ms(const struct db_pipeline *pipeline);
// The end of the turn shall come by again, should it be over for us already.
void pipeline_wake(struct db_pipeline *pipeline);
// Tells the outcome that is in the query, once. May do anything to the pipeline, and so to queries in its lists.
void pipeline_tell(struct query *query);
// The same for a query that is in no list, and frees it; or puts it back when it is to be sent again.
void pipeline_settle(struct db_pipeline *pipeline, struct query *query);
void pipeline_tell_failed(struct db_pipeline *pipeline);
void query_fail(struct query *query, enum err code, const char *format, ...) PRINTF_LIKE(3, 4);

void connection_start(struct db_connection *connection, struct db_pipeline *pipeline);
void connection_stop(struct db_connection *connection); // its queries go to pipeline->failed
bool connection_is_up(const struct db_connection *connection);
size_t connection_load(const struct db_connection *connection);
void connection_send(struct db_connection *connection, struct query *query);
void connection_end_turn(struct db_connection *connection);
void connection_lose_broken(struct db_connection *connection);
// Fails what is too old, and sees to it that the server stops it.
void connection_check_time(struct db_connection *connection, uint64_t now_ms);

// Asks the server to stop what it runs for this connection; done is called when the request has ended, well or not.
struct db_cancel *db_cancel_new(struct loop *loop, PGconn *conn, void (*done)(void *), void *data);
void db_cancel_free(struct db_cancel *cancel);

struct db_listener *db_listener_new(struct db_pipeline *pipeline, const struct db_options *options);
void db_listener_stop(struct db_listener *listener);
void db_listener_free(struct db_listener *listener);
