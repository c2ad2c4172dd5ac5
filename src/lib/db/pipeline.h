// Asynchronous access for event loops: libpq in pipeline mode, a few connections per loop, prepared
// statements. What is asked in one turn of the loop goes out at its end, in one write per
// connection.
//
// Each query stands alone: it is a transaction of its own, and one that fails does not touch its
// neighbours. Statements that only read (see sql_text.h) share one Sync per turn and connection;
// when one of them fails, those that PostgreSQL skipped behind it are sent again. Everything else
// has its own Sync, and its success is told after the commit. Queries on one connection are
// answered in order: none is sent behind one that runs for longer than 100 ms, and reads that stand
// behind such a one go to another connection. A read whose connection was lost is sent again,
// unless that happens twice while the server works on it; anything else that was under way then
// fails with ERR_DATABASE_UNAVAILABLE and "08007" in the detail: its outcome is unknown.
#pragma once

#include "lib/db/session.h"
#include "lib/loop/loop.h"

struct db_pipeline;

// error is NULL on success; rows is NULL on error. Both are valid only during the call. It may ask
// more queries, and may free the pipeline. Errors: those of db_session_query, and the ones named
// below.
typedef void db_done(void *data, const struct db_rows *rows, const struct error *error);

struct db_pipeline_options {
    struct db_options db;      // statement_timeout_ms is not used here
    const char *listen_url;    // for db_pipeline_listen, past a pooler; NULL: db.url
    size_t connections;        // per loop; 0: 2
    size_t max_queued;         // queries waiting or under way; beyond it ERR_OVERLOADED; 0: 4096
    uint32_t query_timeout_ms; // a query older than this fails with ERR_TIMEOUT; 0: 10 s
};

// Connects in the background and reconnects with back-off (50 ms doubling to 1 s). While no
// connection stands, queries fail with ERR_DATABASE_UNAVAILABLE within 500 ms (they wait that long
// for one). A query that is out of time is cancelled on the server; when that does not help either,
// its connection is given up. A server that hangs (all is connected, and the listening connection, if
// there is one, gets no answer to an empty question for 2 s) is as good as away, until it answers:
// queries fail with ERR_DATABASE_UNAVAILABLE, and nothing is ready.
struct db_pipeline *db_pipeline_new(struct loop *loop, const struct db_pipeline_options *options);
// Queries under way end with ERR_SHUTTING_DOWN, before this returns. To be called on the loop's
// thread before loop_free.
void db_pipeline_free(struct db_pipeline *pipeline);           // NULL is fine
bool db_pipeline_is_ready(const struct db_pipeline *pipeline); // at least one connection stands

// Queues a query; values are copied. done is called exactly once on the loop's thread, never from
// inside this call. The statement must live as long as the pipeline.
void db_pipeline_query(struct db_pipeline *pipeline, const struct db_statement *statement,
                       const struct db_value *values, db_done *done, void *data);

// Calls fn(data, channel, payload) for notifications; LISTENs on a connection of its own. Each time
// the listening begins, the first time and after reconnects, fn is called with an absent payload:
// something may have been missed before. The channel's name must live as long as the pipeline; at
// most DB_PIPELINE_MAX_LISTENERS.
enum { DB_PIPELINE_MAX_LISTENERS = 32 };
void db_pipeline_listen(struct db_pipeline *pipeline, const char *channel,
                        void (*fn)(void *data, const char *channel, struct slice payload),
                        void *data);

// For metrics: what has happened since the start, and what is there now.
struct db_pipeline_counters {
    uint64_t queries, syncs, resent, rescued, timeouts, connects, losses;
    size_t waiting, under_way, connections_up, connections_used; // used: with queries under way
};
struct db_pipeline_counters db_pipeline_counters(const struct db_pipeline *pipeline);
