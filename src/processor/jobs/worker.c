#include "processor/jobs/jobs.h"

enum { WORKERS = 1, DRAIN_MS = 10 * 1000, JOB_ARENA_BYTES = 256 * 1024 * 1024 };

enum err job_workers_start(const struct config *config, struct queue_pool **ret_pool,
                           struct error *ret_error)
{
    const struct queue_pool_options pool = {
        .kinds =
            {
                {"render", job_render},
                {"quality", job_quality},
                {"deduplicate", job_deduplicate},
            },
        .db = {.url = config_database_url(config), .application_name = "processor jobs"},
        .workers = WORKERS,
        .lease_ms = config->job_lease_ms,
        .drain_ms = DRAIN_MS,
        .arena_bytes = JOB_ARENA_BYTES,
    };
    return queue_pool_start(&pool, ret_pool, ret_error);
}
