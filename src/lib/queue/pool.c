// Threads that claim jobs and run them.
#include "lib/queue/pool.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/db/observe.h"
#include "lib/log/log.h"
#include "lib/metric/metric.h"
#include "statements.gen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    IDLE_POLL_MS = 1000,  // a retry that falls due is found this late at most
    CONFLICT_REPEATS = 5, // lost races are repeated at once
    JOB_ARENA_BYTES = QUEUE_MAX_ARGS_BYTES + 256 * 1024, // arguments, and the short texts
};

static struct metric jobs_total = METRIC_COUNTER(
    "jobs_total",
    "Attempts at jobs that have ended, and as what: completed, retryable (to be tried "
    "again), discarded (failed for good), lost (another worker has it).",
    "kind", "state");
static struct metric job_seconds = METRIC_HISTOGRAM(
    "job_duration_seconds", "Time of one attempt at a job.", metric_seconds, "kind", "state");

static void count(const struct queue_job *job, const char *state, uint64_t started_ns)
{
    metric_inc(metric_series(&jobs_total, job->kind, state));
    metric_observe(metric_series(&job_seconds, job->kind, state),
                   (double)(clock_monotonic_ns() - started_ns) / 1e9);
}

// ------------------------------------------------------------------------------------------------- one worker

struct db_value queue_pool_kinds(const struct queue_pool *pool, struct arena *arena)
{
    struct slice names[QUEUE_MAX_KINDS];
    for (size_t i = 0; i < pool->kind_count; i++)
        names[i] = slice_from_cstr(pool->options.kinds[i].name);
    return db_text_array(arena, names, pool->kind_count);
}

static const struct queue_kind *kind_named(const struct queue_pool *pool, struct slice name)
{
    for (size_t i = 0; i < pool->kind_count; i++)
        if (slice_equal(slice_from_cstr(pool->options.kinds[i].name), name))
            return &pool->options.kinds[i];
    ensure(!"a kind that was asked for");
    return NULL;
}

// Texts of a claimed job; those that the row does not have are NULL.
static const char *column_text(struct queue_worker *worker, const struct db_rows *rows,
                               const char *name)
{
    struct slice text = db_rows_text(rows, 0, db_rows_column(rows, name));
    return text.ptr ? arena_cstr(worker->arena, text) : NULL;
}

// Absent when they are longer than the table's check lets them be: then the job can only be discarded.
static struct slice bounded_args(struct queue_worker *worker, const struct db_rows *rows)
{
    struct slice args = db_rows_text(rows, 0, db_rows_column(rows, "args"));
    return args.len <= QUEUE_MAX_ARGS_BYTES ? arena_slice(worker->arena, args) : (struct slice){0};
}

static enum err run_once(struct queue_worker *worker, const struct queue_job *job,
                         struct queue_outcome *ret_outcome, struct error *ret_error)
{
    if (!job->args.ptr)
        return error_set(ret_error, ERR_PAYLOAD_TOO_LARGE, "its arguments are longer than %d bytes",
                         QUEUE_MAX_ARGS_BYTES);
    queue_run *run = kind_named(worker->pool, slice_from_cstr(job->kind))->run;
    return run(worker->state, worker->session, job, worker->scratch, ret_outcome, ret_error);
}

static enum err claim(struct queue_worker *worker, struct queue_job *ret_job, bool *ret_found,
                      struct error *ret_error)
{
    const struct queue_pool_options *options = &worker->pool->options;
    const struct db_value values[] = {queue_pool_kinds(worker->pool, worker->arena),
                                      db_cstr(worker->name),
                                      db_int(worker->arena, options->lease_ms)};
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err = db_session_query(worker->session, &sql_jobs_claim_job, values, &rows, ret_error);
    *ret_found = !err && db_rows_count(rows) > 0;
    if (!*ret_found)
        return err;
    struct slice kind = db_rows_text(rows, 0, db_rows_column(rows, "kind"));
    *ret_job = (struct queue_job){
        .kind = kind_named(worker->pool, kind)->name,
        .worker = worker->name,
        .url = column_text(worker, rows, "url"),
        .args = bounded_args(worker, rows),
        .request_id = column_text(worker, rows, "request_id"),
        .attempt = (int)db_rows_int(rows, 0, db_rows_column(rows, "attempt")),
        .max_attempts = (int)db_rows_int(rows, 0, db_rows_column(rows, "max_attempts")),
        .force = db_rows_bool(rows, 0, db_rows_column(rows, "force")),
        .pool = worker->pool,
    };
    if (options->max_attempts && ret_job->max_attempts > options->max_attempts)
        ret_job->max_attempts = options->max_attempts;
    struct slice id = db_rows_value_text(rows, 0, db_rows_column(rows, "id"), worker->arena);
    struct slice event_id =
        db_rows_value_text(rows, 0, db_rows_column(rows, "event_id"), worker->arena);
    snprintf(ret_job->id, sizeof ret_job->id, "%.*s", SLICE_FMT(id));
    snprintf(ret_job->event_id, sizeof ret_job->event_id, "%.*s", SLICE_FMT(event_id));
    return ERR_OK;
}

static void run_job(struct queue_worker *worker, const struct queue_job *job)
{
    struct queue_outcome outcome = {0};
    struct error reason = {0};
    enum err err = ERR_OK;
    uint64_t started_ns = clock_monotonic_ns();
    for (int round = 0; round <= CONFLICT_REPEATS; round++) {
        arena_reset(worker->scratch);
        outcome = (struct queue_outcome){0};
        reason = (struct error){0};
        err = run_once(worker, job, &outcome, &reason);
        db_session_rollback(worker->session); // no-op after a commit
        if (err != ERR_CONFLICT)
            break;
    }
    reason.code = err;
    const char *state = "completed";
    if (err == ERR_LEASE_LOST)
        state = "lost";
    else if (err)
        state = queue_end_failed(worker, job, &reason, &outcome) ? "retryable" : "discarded";
    count(job, state, started_ns);
    if (err == ERR_LEASE_LOST)
        log_warn("job_lost", log_str("kind", job->kind), log_str("job_id", job->id),
                 log_str("request_id", job->request_id));
    else if (!err)
        log_info("job_done", log_str("kind", job->kind), log_str("job_id", job->id),
                 log_str("event_id", job->event_id), log_str("url", job->url),
                 log_str("request_id", job->request_id), log_int("attempt", job->attempt),
                 log_int("ms", (int64_t)((clock_monotonic_ns() - started_ns) / 1000000)));
}

// What the keeper extends: a job that could not be ended (the database was away) or whose claim was never heard of must
// run out, although its worker lives on.
static void set_job(struct queue_worker *worker, const char *job_id)
{
    pthread_mutex_lock(&worker->pool->lock);
    snprintf(worker->job_id, sizeof worker->job_id, "%s", job_id);
    pthread_mutex_unlock(&worker->pool->lock);
}

// Waits for news, or for the pool's end.
static void wait_for_work(struct queue_worker *worker, enum err trouble)
{
    bool notified;
    struct error ignored;
    if (trouble || db_session_wait(worker->session, worker->pool->stop_fd, IDLE_POLL_MS, &notified,
                                   &ignored)) {
        // The database is away: look again in a second, or end at once when the pool stops.
        fd_set fds;
        FD_ZERO(&fds);
        FD_SET(worker->pool->stop_fd, &fds);
        struct timeval second = {.tv_sec = 1};
        select(worker->pool->stop_fd + 1, &fds, NULL, NULL, &second);
    }
}

static enum err listen_to_all(struct queue_worker *worker, struct error *ret_error)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < worker->pool->kind_count && !err; i++)
        err = db_session_listen(worker->session, worker->pool->channels[i], ret_error);
    return err;
}

static void *worker_main(void *data)
{
    struct queue_worker *worker = data;
    struct queue_pool *pool = worker->pool;
    enum err last = ERR_OK;
    bool listening = false;
    while (!atomic_load(&pool->stopping)) {
        struct queue_job job;
        struct error error = {0};
        bool found = false;
        arena_reset(worker->arena);
        enum err err = listening ? ERR_OK : listen_to_all(worker, &error);
        listening = listening || !err;
        if (!err)
            err = claim(worker, &job, &found, &error);
        if (err && err != last)
            log_error("claim_failed", log_str("kind", pool->options.kinds[0].name),
                      log_str("code", error_info(err)->code), log_str("detail", error.detail));
        last = err;
        if (found) {
            set_job(worker, job.id);
            db_set_request(job.request_id);
            run_job(worker, &job);
            db_set_request(NULL);
            set_job(worker, "");
        } else {
            wait_for_work(worker, err);
        }
    }
    pthread_mutex_lock(&pool->lock);
    pool->running--;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

// ------------------------------------------------------------------------------------------------- life cycle

static void worker_init(struct queue_pool *pool, size_t index)
{
    struct queue_worker *worker = &pool->workers[index];
    char host[32] = "", nonce[UUID_TEXT];
    gethostname(host, sizeof host - 1);
    uuid_new_v4(nonce); // pids come again; a lease must not
    worker->pool = pool;
    snprintf(worker->name, sizeof worker->name, "%s:%s:%d:%zu:%.8s", pool->options.kinds[0].name,
             host, (int)getpid(), index, nonce);
    worker->session = db_session_new(&pool->options.db);
    worker->arena = arena_new(JOB_ARENA_BYTES);
    worker->scratch = arena_new(pool->options.arena_bytes);
    if (pool->options.worker_new)
        worker->state = pool->options.worker_new(pool->options.context);
}

enum err queue_pool_start(const struct queue_pool_options *options, struct queue_pool **ret_pool,
                          struct error *ret_error)
{
    ensure(options->workers > 0 && options->workers <= QUEUE_MAX_WORKERS);
    int stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_fd < 0)
        return error_set(ret_error, ERR_IO, "eventfd: %s", strerror(errno));
    struct queue_pool *pool = calloc(1, sizeof *pool);
    ensure(pool != NULL);
    pool->options = *options;
    pool->stop_fd = stop_fd;
    pool->running = options->workers;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    while (pool->kind_count < QUEUE_MAX_KINDS && options->kinds[pool->kind_count].name) {
        snprintf(pool->channels[pool->kind_count], sizeof pool->channels[0], "jobs_%s",
                 options->kinds[pool->kind_count].name);
        pool->kind_count++;
    }
    ensure(pool->kind_count > 0);
    for (size_t i = 0; i < options->workers; i++)
        worker_init(pool, i);
    for (size_t i = 0; i < options->workers; i++)
        ensure(pthread_create(&pool->workers[i].thread, NULL, worker_main, &pool->workers[i]) == 0);
    ensure(pthread_create(&pool->keeper, NULL, queue_keeper_main, pool) == 0);
    *ret_pool = pool;
    return ERR_OK;
}

// True when all workers have ended before the deadline.
static bool wait_for_workers(struct queue_pool *pool, uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000 + 1;
    pthread_mutex_lock(&pool->lock);
    while (pool->running > 0 &&
           pthread_cond_timedwait(&pool->changed, &pool->lock, &until) != ETIMEDOUT)
        ;
    bool ended = pool->running == 0;
    pthread_mutex_unlock(&pool->lock);
    return ended;
}

void queue_pool_begin_stop(struct queue_pool *pool)
{
    if (!pool)
        return;
    atomic_store(&pool->stopping, true);
    eventfd_write(pool->stop_fd, 1);
}

void queue_pool_stop(struct queue_pool *pool)
{
    if (!pool)
        return;
    queue_pool_begin_stop(pool);
    if (!wait_for_workers(pool, pool->options.drain_ms)) {
        atomic_store(&pool->is_drained, true);
        if (pool->options.cancel)
            __atomic_store_n(pool->options.cancel, true, __ATOMIC_RELEASE);
    }
    // Every run is bounded by its own time limits or reports its progress, so the threads can be waited for.
    for (size_t i = 0; i < pool->options.workers; i++) {
        struct queue_worker *worker = &pool->workers[i];
        pthread_join(worker->thread, NULL);
        if (pool->options.worker_free)
            pool->options.worker_free(worker->state);
        db_session_free(worker->session);
        arena_free(worker->arena);
        arena_free(worker->scratch);
    }
    pthread_join(pool->keeper, NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->changed);
    close(pool->stop_fd);
    free(pool);
}
