// Asynchronous access for event loops: libpq in pipeline mode, a few connections per loop, prepared statements, one
// Sync per loop turn and connection. Each query stands alone (its own implicit transaction): one that fails does
// not touch its neighbours.
#pragma once

#include "lib/db/session.h"
#include "lib/loop/loop.h"

struct db_pipeline;

// error is NULL on success; rows is NULL on error. rows is valid only during the call.
typedef void db_done(void *data, const struct db_rows *rows, const struct error *error);

struct db_pipeline_options {
    struct db_options db;
    size_t connections;        // per loop; 0: 2
    size_t max_queued;         // queries waiting or under way; beyond it ERR_OVERLOADED; 0: 4096
    uint32_t query_timeout_ms; // a query older than this fails with ERR_TIMEOUT; 0: 10 s
};

// Connects in the background and reconnects with back-off (50 ms doubling to 1 s). While no connection stands, queries
// fail with ERR_DATABASE_UNAVAILABLE within 500 ms (they wait that long for one).
struct db_pipeline *db_pipeline_new(struct loop *loop, const struct db_pipeline_options *options);
void db_pipeline_free(struct db_pipeline *pipeline); // queries under way end with ERR_SHUTTING_DOWN
bool db_pipeline_is_ready(const struct db_pipeline *pipeline); // at least one connection stands

// Queues a query; values are copied. done is called exactly once on the loop's thread, never from inside this call.
void db_pipeline_query(struct db_pipeline *pipeline, const struct db_statement *statement,
                       const struct db_value *values, db_done *done, void *data);

// Calls fn(data, channel, payload) for notifications; LISTENs on a connection of its own, again after reconnects
// (then fn is called with an absent payload: something may have been missed).
void db_pipeline_listen(struct db_pipeline *pipeline, const char *channel,
                        void (*fn)(void *data, const char *channel, struct slice payload),
                        void *data);
