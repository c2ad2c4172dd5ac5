#include "extractor/llm/pool.h"

#include "extractor/llm/llm.h"
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/metric/metric.h"

#include <pthread.h>
#include <stdlib.h>

enum { MAX_THREADS = 16, MAX_WAITING = 64 };

static struct metric waiting_pages =
    METRIC_GAUGE("extractor_model_waiting", "Pages that wait for a language model.");

struct llm_thread {
    struct llm_pool *pool;
    struct http_client *client;
    pthread_t thread;
    bool is_running;
};

struct llm_pool {
    const struct config *config;
    struct llm *llm;
    struct llm_thread threads[MAX_THREADS];
    size_t thread_count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct llm_job *first, **end; // guarded by lock
    size_t waiting;
    bool stopping; // also read by transfers, atomically
};

// Waits for a job; NULL when the pool ends and nobody waits any more.
static struct llm_job *take(struct llm_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->first && !pool->stopping)
        pthread_cond_wait(&pool->changed, &pool->lock);
    struct llm_job *job = pool->first;
    if (job) {
        pool->first = job->next;
        pool->waiting--;
        if (!pool->first)
            pool->end = &pool->first;
    }
    pthread_mutex_unlock(&pool->lock);
    if (job)
        metric_change(metric_series(&waiting_pages), -1);
    return job;
}

static void tell_done(void *data)
{
    struct llm_job *job = data;
    job->done(job);
}

static void *work(void *data)
{
    struct llm_thread *thread = data;
    struct llm_pool *pool = thread->pool;
    struct llm_job *job;
    while ((job = take(pool))) {
        const struct llm_limits limits = {
            .deadline_ms = job->deadline_ms,
            .first_byte_ms = pool->config->openai_first_byte_ms,
            .cancel = &pool->stopping,
        };
        struct slice record = buffer_slice(&job->record);
        if (__atomic_load_n(&pool->stopping, __ATOMIC_RELAXED))
            llm_decline(pool->llm, record, LLM_RESULT_CANCELLED, &job->answer);
        else if (clock_monotonic_ms() >= job->deadline_ms)
            llm_decline(pool->llm, record, LLM_RESULT_BUSY, &job->answer);
        else
            llm_fill(pool->llm, thread->client, record, &limits, &job->answer);
        loop_post(job->loop, tell_done, job);
    }
    return NULL;
}

enum err llm_pool_start(const struct config *config, struct llm_pool **ret_pool,
                        struct error *ret_error)
{
    *ret_pool = NULL;
    struct llm *llm = llm_new(config);
    if (!llm)
        return ERR_OK;
    struct llm_pool *pool = calloc(1, sizeof *pool);
    ensure(pool);
    pool->config = config;
    pool->llm = llm;
    pool->end = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    enum err err = ERR_OK;
    for (int i = 0; i < config->openai_concurrency && i < MAX_THREADS && !err; i++) {
        struct llm_thread *thread = &pool->threads[pool->thread_count++];
        thread->pool = pool;
        err = http_client_new(&thread->client, ret_error);
        if (!err) {
            ensure(pthread_create(&thread->thread, NULL, work, thread) == 0);
            thread->is_running = true;
        }
    }
    if (err)
        llm_pool_stop(pool);
    else
        *ret_pool = pool;
    return err;
}

void llm_pool_begin_stop(struct llm_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    __atomic_store_n(&pool->stopping, true, __ATOMIC_RELAXED);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

void llm_pool_stop(struct llm_pool *pool)
{
    if (!pool)
        return;
    llm_pool_begin_stop(pool);
    for (size_t i = 0; i < pool->thread_count; i++) {
        if (pool->threads[i].is_running)
            pthread_join(pool->threads[i].thread, NULL);
        http_client_free(pool->threads[i].client);
    }
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->changed);
    llm_free(pool->llm);
    free(pool);
}

bool llm_pool_submit(struct llm_pool *pool, struct llm_job *job)
{
    if (!pool || !llm_wants_of(buffer_slice(&job->record)))
        return false;
    job->pool = pool;
    job->next = NULL;
    job->deadline_ms = clock_monotonic_ms() + pool->config->openai_timeout_ms;
    pthread_mutex_lock(&pool->lock);
    bool accepted = pool->waiting < MAX_WAITING && !pool->stopping;
    if (accepted) {
        *pool->end = job;
        pool->end = &job->next;
        pool->waiting++;
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    if (accepted) {
        metric_change(metric_series(&waiting_pages), 1);
        return true;
    }
    llm_decline(pool->llm, buffer_slice(&job->record), LLM_RESULT_BUSY, &job->answer);
    job->done(job);
    return true;
}
