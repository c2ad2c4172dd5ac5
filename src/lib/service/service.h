// The frame of a service process: configuration in, event loops with HTTP server, router and database pipeline, the
// routes every service has (/health/…, /metrics, /openapi.json), access log, readiness, drain on TERM. What is left to a
// service is its table of routes and what it starts besides (workers).
#pragma once

#include "lib/config/config.h"
#include "lib/db/pipeline.h"
#include "lib/route/route.h"

enum { SERVICE_MAX_TABLES = 16, SERVICE_MAX_LOOPS = 64 };

// A table of routes in another file; its count is a variable there.
struct service_table {
    const struct route *routes;
    const size_t *count;
};

struct service {
    const char *name;                // "api"
    const char *title, *description; // for the documentation
    const struct route_schema *schemas;
    const size_t *schema_count;
    bool has_database;
    bool
        is_private; // for other services and operators: pages of other sites may not read its answers
    struct service_table tables[SERVICE_MAX_TABLES]; // ends with an empty one

    // Before the loops run, in the main thread: what all loops share (rules, pools of workers). ret_state is handed to
    // stop and loop_start. May be NULL.
    enum err (*start)(const struct config *config, void **ret_state, struct error *ret_error);
    // When the drain begins, in the main thread: no new work is taken. Does not wait. May be NULL.
    void (*begin_stop)(void *state);
    // After the loops have drained: ends what start began. Blocks. May be NULL.
    void (*stop)(void *state);
    // For each loop, before it runs: what route_call.service will be. May be NULL: then it is the state.
    void *(*loop_start)(void *state, struct loop *loop, struct db_pipeline *db);
    // When the drain begins, on the loop: who waits for something is answered now. May be NULL.
    void (*loop_drain)(void *loop_state);
    void (*loop_stop)(void *loop_state); // after the loop has ended; may be NULL
};

// Runs until SIGTERM or SIGINT; the process's exit status. port: from the configuration; loops: at least 1.
int service_run(const struct service *service, const struct config *config, uint16_t port,
                int loops);
