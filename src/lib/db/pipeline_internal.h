// The inside of a pipeline. pipeline.c takes queries in and hands them out; pipeline_connection.c
// sends them and reads their answers; pipeline_cancel.c stops one that is out of time;
// pipeline_listen.c receives notifications.
#pragma once

#include "lib/db/link.h"
#include "lib/db/observe.h"
#include "lib/db/pipeline.h"
#include "lib/db/variant.h"

enum {
    PIPELINE_MAX_CONNECTIONS = 16,
    PIPELINE_MAX_ON_CONNECTION = 256, // a queue behind one slow query should not become long
    PIPELINE_TICK_MS = 50,
    PIPELINE_WAIT_MS = 450,    // for a connection; with the tick within 500
    PIPELINE_CANCEL_MS = 1000, // for a cancel request to help
    PIPELINE_SLOW_MS = 100,    // a query that runs this long does not keep others behind it
    PIPELINE_MAX_LOSSES = 2,   // how often a connection may break while it works on a read
    PIPELINE_MAX_SENDS = 4,    // how often any is sent when it could not start
};

#define PIPELINE_SILENT_DETAIL "08006: the server does not answer any more"

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
    uint64_t asked_ms;                    // loop time of the call
    uint64_t asked_ns;                    // the same by the clock
    char request_id[DB_REQUEST_ID_BYTES]; // on whose behalf
    uint64_t waiting_ms;                  // since when it waits for a connection
    uint64_t serial;                      // of the variant it was sent with
    size_t size;                          // of this memory
    int64_t cost_us;                      // what it is expected to take
    uint64_t group; // of the last of a group: its number and what all of it is expected to take
    int64_t group_cost_us;
    enum query_stage stage;
    uint8_t sends, losses;
    bool reads;
    bool alone;   // to be sent in a group of its own
    bool lone;    // it was sent so
    bool rescued; // from behind a slow query, once
    bool syncs;   // a Sync follows it
    bool again;   // to be sent again when the connection is through with it
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
    uint64_t first_ms; // since when the first of them is the first
    int64_t load_us;   // what they are expected to take
    bool group_open;   // the last one sent has no Sync yet
    uint64_t group;    // its number
    int64_t group_cost_us;
    uint64_t group_began_us; // since when the server works on the group of the first one
    bool dirty;              // something to flush at the end of the turn
    bool broken;             // libpq took a query no more: to be given up at the end of the turn
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

// Every call from the loop is wrapped in these: a callback may free the pipeline, whose memory goes
// with the last leave.
void pipeline_enter(struct db_pipeline *pipeline);
void pipeline_leave(struct db_pipeline *pipeline);
uint64_t pipeline_now_ms(const struct db_pipeline *pipeline);
// The end of the turn shall come by again, should it be over for us already.
void pipeline_wake(struct db_pipeline *pipeline);
// Tells the outcome that is in the query, once. May do anything to the pipeline, and so to queries
// in its lists.
void pipeline_tell(struct query *query);
// The same for a query that is in no list, and frees it; or puts it back when it is to be sent
// again.
void pipeline_settle(struct db_pipeline *pipeline, struct query *query);
void pipeline_tell_failed(struct db_pipeline *pipeline);
void query_fail(struct query *query, enum err code, const char *format, ...) PRINTF_LIKE(3, 4);

void connection_start(struct db_connection *connection, struct db_pipeline *pipeline);
void connection_stop(struct db_connection *connection); // its queries go to pipeline->failed
bool connection_is_up(const struct db_connection *connection);
bool connection_is_slow(const struct db_connection *connection); // its query takes long
void connection_send(struct db_connection *connection, struct query *query);
void connection_end_turn(struct db_connection *connection);
void connection_lose_broken(struct db_connection *connection);
void connection_read_answers(void *connection);
// A group has ended, with this query: learns from how long it took.
void connection_measure_group(struct db_connection *connection, const struct query *last);
// Fails what is too old, and sees to it that the server stops it.
void connection_check_time(struct db_connection *connection);
// Lets the reads behind a slow query wait for another connection instead. What was sent will be
// executed all the same; its answer is then nobody's.
void connection_rescue_reads(struct db_connection *connection);

// Asks the server to stop what it runs for this connection; done is called when the request has
// ended, well or not.
struct db_cancel *db_cancel_new(struct loop *loop, PGconn *conn, void (*done)(void *), void *data);
void db_cancel_free(struct db_cancel *cancel);

struct db_listener *db_listener_new(struct db_pipeline *pipeline, const struct db_options *options);
// It was connected, and the server has not answered for 2 s.
bool db_listener_is_silent(const struct db_listener *listener);
void db_listener_stop(struct db_listener *listener);
void db_listener_free(struct db_listener *listener);
