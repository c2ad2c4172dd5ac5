#include "processor/jobs/jobs.h"

enum {
    WORKERS = 1,         // of a pool
    DRAIN_MS = 2 * 1000, // they may start over
    JOB_ARENA_BYTES = 256 * 1024 * 1024,
};

static const struct {
    struct queue_kind kinds[2];
    const char *application_name;
} pools[JOB_POOL_COUNT] = {
    [JOB_POOL_RENDER] = {{{"render", job_render}}, "processor rendering"},
    [JOB_POOL_LONG] = {{{"quality", job_quality}, {"deduplicate", job_deduplicate}},
                       "processor jobs"},
};

enum err job_workers_start(const struct config *config,
                           struct queue_pool *ret_pools[JOB_POOL_COUNT], struct error *ret_error)
{
    enum err err = ERR_OK;
    for (int i = 0; i < JOB_POOL_COUNT && !err; i++) {
        const struct queue_pool_options options = {
            .kinds = {pools[i].kinds[0], pools[i].kinds[1]},
            .db = {.url = config_database_url(config),
                   .application_name = pools[i].application_name},
            .workers = WORKERS,
            .lease_ms = config->job_lease_ms,
            .drain_ms = DRAIN_MS,
            .arena_bytes = JOB_ARENA_BYTES,
        };
        err = queue_pool_start(&options, &ret_pools[i], ret_error);
    }
    return err;
}
