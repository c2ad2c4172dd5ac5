#include "processor/processing/worker.h"

#include "lib/base/ensure.h"
#include "processor/jobs/housekeeping.h"
#include "processor/jobs/jobs.h"
#include "processor/processing/pipeline.h"

#include <stdio.h>
#include <stdlib.h>

enum { DRAIN_MS = 10 * 1000, JOB_ARENA_BYTES = 256 * 1024 * 1024 };

struct process_workers {
    const char *extractor_url;
    char default_url[64];
    struct queue_pool *pool;                 // of pages
    struct queue_pool *jobs[JOB_POOL_COUNT]; // of everything else
    struct housekeeping *housekeeping;
};

// One thread's part.
struct processor_thread {
    struct process_workers *shared;
    struct http_client *client; // keeps its connection to the extractor
};

static enum err process(void *data, struct db_session *session, const struct queue_job *job,
                        struct arena *arena, struct queue_outcome *outcome, struct error *ret_error)
{
    struct processor_thread *thread = data;
    (void)outcome;
    struct pipeline *pipeline = ARENA_NEW(arena, struct pipeline);
    pipeline->arena = arena;
    pipeline->session = session;
    pipeline->client = thread->client;
    pipeline->job = job;
    pipeline->extractor_url = thread->shared->extractor_url;
    return pipeline_run(pipeline, ret_error);
}

static void *thread_new(void *context)
{
    struct processor_thread *thread = calloc(1, sizeof *thread);
    struct error error = {0};
    ensure(thread != NULL);
    thread->shared = context;
    ensure(http_client_new(&thread->client, &error) == ERR_OK);
    return thread;
}

static void thread_free(void *data)
{
    struct processor_thread *thread = data;
    http_client_free(thread->client);
    free(thread);
}

enum err process_workers_start(const struct config *config, void **ret_workers,
                               struct error *ret_error)
{
    struct process_workers *workers = calloc(1, sizeof *workers);
    ensure(workers != NULL);
    snprintf(workers->default_url, sizeof workers->default_url, "http://127.0.0.1:%d",
             config->extractor_port);
    workers->extractor_url =
        config->extractor_url[0] ? config->extractor_url : workers->default_url;
    if (config->process_workers > 0) {
        const struct queue_pool_options pool = {
            .kinds = {{"process", process}},
            .db = {.url = config_database_url(config), .application_name = "processor work"},
            .workers = (size_t)config->process_workers,
            .lease_ms = config->job_lease_ms,
            .drain_ms = DRAIN_MS,
            .arena_bytes = JOB_ARENA_BYTES,
            .worker_new = thread_new,
            .worker_free = thread_free,
            .context = workers,
        };
        enum err err = queue_pool_start(&pool, &workers->pool, ret_error);
        if (!err)
            err = job_workers_start(config, workers->jobs, ret_error);
        if (err) {
            process_workers_stop(workers);
            return err;
        }
    }
    workers->housekeeping = housekeeping_start(config);
    *ret_workers = workers;
    return ERR_OK;
}

void process_workers_begin_stop(void *data)
{
    struct process_workers *workers = data;
    queue_pool_begin_stop(workers->pool);
    for (int i = 0; i < JOB_POOL_COUNT; i++)
        queue_pool_begin_stop(workers->jobs[i]);
}

void process_workers_stop(void *data)
{
    struct process_workers *workers = data;
    if (!workers)
        return;
    queue_pool_stop(workers->pool);
    for (int i = 0; i < JOB_POOL_COUNT; i++)
        queue_pool_stop(workers->jobs[i]);
    housekeeping_stop(workers->housekeeping);
    free(workers);
}
