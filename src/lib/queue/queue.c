#include "lib/queue/queue.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/db/observe.h"
#include "lib/log/log.h"
#include "lib/metric/metric.h"
#include "statements.gen.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    IDLE_POLL_MS = 1000,  // a retry that falls due is found this late at most
    CONFLICT_REPEATS = 5, // lost races are repeated at once
    MAX_WORKERS = 64,
    WORKER_NAME_BYTES = 96,
    JOB_ARENA_BYTES = QUEUE_MAX_ARGS_BYTES + 256 * 1024, // arguments, and the short texts
};

struct worker {
    struct queue_pool *pool;
    pthread_t thread;
    char name[WORKER_NAME_BYTES];
    void *state; // of the caller's run
    struct db_session *session;
    struct arena *arena;    // of the job: its texts
    struct arena *scratch;  // of one run
    char job_id[UUID_TEXT]; // the job under way, "" between two; guarded by the pool's lock
};

struct queue_pool {
    struct queue_pool_options options;
    struct worker workers[MAX_WORKERS];
    pthread_t keeper;
    int stop_fd; // becomes readable, and stays so, when the pool stops
    atomic_bool stopping;
    atomic_bool is_drained; // the time for jobs under way is over
    pthread_mutex_t lock;
    pthread_cond_t changed; // a worker has ended
    size_t running;
    size_t kind_count;
    char channels[QUEUE_MAX_KINDS][64]; // of LISTEN, one a kind
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

uint32_t queue_backoff_ms(int attempt)
{
    uint32_t delay = 1000;
    for (int i = 1; i < attempt && delay < 300000; i++)
        delay *= 2;
    if (delay > 300000)
        delay = 300000;
    uint32_t jitter;
    random_bytes(&jitter, sizeof jitter);
    return delay + jitter % (delay / 10 + 1);
}

static enum err fenced(struct db_session *session, const struct db_statement *statement,
                       const struct db_value *values, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err = db_session_query(session, statement, values, &rows, ret_error);
    if (err)
        return err;
    if (db_rows_affected(rows) != 1)
        return error_set(ret_error, ERR_LEASE_LOST, "the job is no longer this worker's");
    return ERR_OK;
}

enum err queue_complete_with(struct db_session *session, const struct queue_job *job,
                             struct slice result, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    const struct db_value values[] = {db_cstr(job->id), db_cstr(job->worker),
                                      db_int(arena, job->attempt), db_text(result)};
    return fenced(session, &sql_jobs_complete_job, values, ret_error);
}

enum err queue_complete(struct db_session *session, const struct queue_job *job,
                        struct error *ret_error)
{
    return queue_complete_with(session, job, (struct slice){0}, ret_error);
}

enum err queue_begin(struct db_session *session, const struct queue_job *job,
                     struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    const struct db_value values[] = {db_cstr(job->id), db_cstr(job->worker),
                                      db_int(arena, job->attempt)};
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err = db_session_begin(session, ret_error);
    if (!err)
        err = db_session_query(session, &sql_jobs_hold_job, values, &rows, ret_error);
    if (err)
        return err;
    if (db_rows_count(rows) == 0)
        return error_set(ret_error, ERR_LEASE_LOST, "the job is no longer this worker's");
    return ERR_OK;
}

enum err queue_progress(struct db_session *session, const struct queue_job *job, int64_t done,
                        int64_t total, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    if (job->pool && atomic_load(&job->pool->is_drained))
        return error_set(ret_error, ERR_SHUTTING_DOWN, "the service stops");
    const struct db_value values[] = {db_cstr(job->id), db_cstr(job->worker),
                                      db_int(arena, job->attempt), db_int(arena, done),
                                      total ? db_int(arena, total) : db_null()};
    enum err err = db_session_query(session, &sql_jobs_progress_job, values, &rows, ret_error);
    if (err)
        return err;
    if (db_rows_count(rows) == 0)
        return error_set(ret_error, ERR_LEASE_LOST, "the job is no longer this worker's");
    return db_rows_bool(rows, 0, 0) ? error_set(ret_error, ERR_CANCELLED, "its end was asked for")
                                    : ERR_OK;
}

// ------------------------------------------------------------------------------------------- ending a failed job

// Says what became of the event: failed for good (code set), in one transaction with the job's end.
static enum err close_failed(struct db_session *session, const char *event_id, const char *code,
                             const char *detail, struct error *ret_error)
{
    const struct db_value fail[] = {db_cstr(event_id), db_cstr(code), db_cstr(detail)};
    enum err err = db_session_query(session, &sql_events_fail_event, fail, NULL, ret_error);
    if (err)
        return err;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    const struct slice id = slice_from_cstr(event_id);
    const struct db_value render[] = {db_text_array(arena, &id, 1)};
    if ((err = db_session_query(session, &sql_events_render_events, render, NULL, ret_error)))
        return err;
    const struct db_value close[] = {db_cstr(event_id), db_cstr("failed"), db_cstr(code)};
    return db_session_query(session, &sql_events_close_event, close, NULL, ret_error);
}

static enum err discard(struct worker *worker, const struct queue_job *job,
                        const struct error *reason, struct error *ret_error)
{
    const char *code = error_info(reason->code)->code;
    const struct db_value values[] = {db_cstr(job->id), db_cstr(job->worker),
                                      db_int(worker->arena, job->attempt), db_cstr(code),
                                      db_cstr(reason->detail)};
    enum err err = db_session_begin(worker->session, ret_error);
    if (!err)
        err = fenced(worker->session, &sql_jobs_discard_job, values, ret_error);
    if (!err && job->event_id[0])
        err = close_failed(worker->session, job->event_id, code, reason->detail, ret_error);
    return err ? err : db_session_commit(worker->session, ret_error);
}

static enum err cancel(struct worker *worker, const struct queue_job *job, struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(job->id), db_cstr(job->worker),
                                      db_int(worker->arena, job->attempt)};
    return fenced(worker->session, &sql_jobs_cancel_running, values, ret_error);
}

// Its job's end was asked for while it ran, and the job ends without having been done.
static enum err settle_cancelled(struct db_session *session, const char *event_id,
                                 struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(event_id)};
    return db_session_query(session, &sql_events_settle_cancelled, values, NULL, ret_error);
}

// Nobody works on the event until the next attempt, and readers see that.
static enum err show_queued(struct worker *worker, const struct queue_job *job,
                            struct error *ret_error)
{
    const struct db_value status[] = {db_cstr(job->event_id), db_cstr("queued")};
    const struct slice id = slice_from_cstr(job->event_id);
    const struct db_value ids[] = {db_text_array(worker->arena, &id, 1)};
    enum err err =
        db_session_query(worker->session, &sql_events_set_event_status, status, NULL, ret_error);
    return err ? err
               : db_session_query(worker->session, &sql_events_render_events, ids, NULL, ret_error);
}

static enum err retry_later(struct worker *worker, const struct queue_job *job,
                            const struct error *reason, uint32_t delay_ms, struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(job->id),
                                      db_cstr(job->worker),
                                      db_int(worker->arena, job->attempt),
                                      db_int(worker->arena, delay_ms),
                                      db_cstr(error_info(reason->code)->code),
                                      db_cstr(reason->detail)};
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err = db_session_begin(worker->session, ret_error);
    if (!err)
        err = db_session_query(worker->session, &sql_jobs_retry_job, values, &rows, ret_error);
    if (!err && db_rows_count(rows) == 0)
        err = error_set(ret_error, ERR_LEASE_LOST, "the job is no longer this worker's");
    if (!err && job->event_id[0])
        err = db_rows_bool(rows, 0, db_rows_column(rows, "is_cancelled"))
                  ? settle_cancelled(worker->session, job->event_id, ret_error)
                  : show_queued(worker, job, ret_error);
    return err ? err : db_session_commit(worker->session, ret_error);
}

// True: it will be tried again.
static bool end_failed(struct worker *worker, const struct queue_job *job,
                       const struct error *reason, const struct queue_outcome *outcome)
{
    struct error problem = {0};
    enum err err;
    // What is no fault of the job never ends it: it waits until the database is back or another worker has time.
    bool ours = reason->code == ERR_SHUTTING_DOWN || reason->code == ERR_DATABASE_UNAVAILABLE;
    bool again =
        ours || (!outcome->is_final && error_info(reason->code)->retry == ERROR_RETRY_BACKOFF &&
                 job->attempt < job->max_attempts);
    uint32_t delay_ms = queue_backoff_ms(job->attempt);
    if (outcome->retry_after_ms > delay_ms)
        delay_ms = outcome->retry_after_ms;
    if (reason->code == ERR_CANCELLED)
        err = cancel(worker, job, &problem);
    else if (again)
        err = retry_later(worker, job, reason, delay_ms, &problem);
    else
        err = discard(worker, job, reason, &problem);
    db_session_rollback(worker->session);
    log_warn(again ? "job_retry" : "job_failed", log_str("kind", job->kind),
             log_str("job_id", job->id), log_str("event_id", job->event_id),
             log_str("url", job->url), log_str("request_id", job->request_id),
             log_int("attempt", job->attempt), log_str("code", error_info(reason->code)->code),
             log_str("detail", reason->detail), log_int("delay_ms", again ? delay_ms : 0));
    if (err) // the lease runs out by itself, and the job is tried again
        log_error("job_not_ended", log_str("job_id", job->id),
                  log_str("code", error_info(err)->code), log_str("detail", problem.detail));
    return again;
}

// ------------------------------------------------------------------------------------------------- one worker

static struct db_value kinds_of(const struct queue_pool *pool, struct arena *arena)
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
static const char *column_text(struct worker *worker, const struct db_rows *rows, const char *name)
{
    struct slice text = db_rows_text(rows, 0, db_rows_column(rows, name));
    return text.ptr ? arena_cstr(worker->arena, text) : NULL;
}

// Absent when they are longer than the table's check lets them be: then the job can only be discarded.
static struct slice bounded_args(struct worker *worker, const struct db_rows *rows)
{
    struct slice args = db_rows_text(rows, 0, db_rows_column(rows, "args"));
    return args.len <= QUEUE_MAX_ARGS_BYTES ? arena_slice(worker->arena, args) : (struct slice){0};
}

static enum err run_once(struct worker *worker, const struct queue_job *job,
                         struct queue_outcome *ret_outcome, struct error *ret_error)
{
    if (!job->args.ptr)
        return error_set(ret_error, ERR_PAYLOAD_TOO_LARGE, "its arguments are longer than %d bytes",
                         QUEUE_MAX_ARGS_BYTES);
    queue_run *run = kind_named(worker->pool, slice_from_cstr(job->kind))->run;
    return run(worker->state, worker->session, job, worker->scratch, ret_outcome, ret_error);
}

static enum err claim(struct worker *worker, struct queue_job *ret_job, bool *ret_found,
                      struct error *ret_error)
{
    const struct queue_pool_options *options = &worker->pool->options;
    const struct db_value values[] = {kinds_of(worker->pool, worker->arena), db_cstr(worker->name),
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

static void run_job(struct worker *worker, const struct queue_job *job)
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
        state = end_failed(worker, job, &reason, &outcome) ? "retryable" : "discarded";
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
static void set_job(struct worker *worker, const char *job_id)
{
    pthread_mutex_lock(&worker->pool->lock);
    snprintf(worker->job_id, sizeof worker->job_id, "%s", job_id);
    pthread_mutex_unlock(&worker->pool->lock);
}

// Waits for news, or for the pool's end.
static void wait_for_work(struct worker *worker, enum err trouble)
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

static enum err listen_to_all(struct worker *worker, struct error *ret_error)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < worker->pool->kind_count && !err; i++)
        err = db_session_listen(worker->session, worker->pool->channels[i], ret_error);
    return err;
}

static void *worker_main(void *data)
{
    struct worker *worker = data;
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

// -------------------------------------------------------------------------------------------------- the keeper

// Jobs of dead workers that have ended: those out of attempts failed their events.
static enum err close_rescued(struct db_session *session, const struct db_rows *rows,
                              struct arena *arena, struct error *ret_error)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < db_rows_count(rows) && !err; i++) {
        struct slice state = db_rows_text(rows, i, db_rows_column(rows, "state"));
        struct slice event = db_rows_value_text(rows, i, db_rows_column(rows, "event_id"), arena);
        if (event.len && slice_equal(state, SLICE("discarded")))
            err = close_failed(session, arena_cstr(arena, event), "lease_lost",
                               "the worker stopped before the job was done", ret_error);
        else if (event.len && slice_equal(state, SLICE("cancelled")))
            err = settle_cancelled(session, arena_cstr(arena, event), ret_error);
    }
    return err;
}

static void rescue(struct queue_pool *pool, struct db_session *session, struct arena *arena)
{
    struct error error = {0};
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {
        pool->options.max_attempts ? db_int(arena, pool->options.max_attempts) : db_null(),
        kinds_of(pool, arena),
    };
    enum err err = db_session_begin(session, &error);
    if (!err)
        err = db_session_query(session, &sql_jobs_rescue_jobs, values, &rows, &error);
    size_t count = err ? 0 : db_rows_count(rows);
    if (!err)
        err = close_rescued(session, rows, arena, &error);
    if (!err)
        err = db_session_commit(session, &error);
    if (err) { // all of them in the next round
        db_session_rollback(session);
        if (count)
            log_error("jobs_not_rescued", log_int("jobs", (int64_t)count),
                      log_str("code", error_info(err)->code), log_str("detail", error.detail));
    } else if (count) {
        log_warn("jobs_rescued", log_int("jobs", (int64_t)count));
    }
}

// Extends the leases of the jobs under way.
static enum err extend_leases(struct queue_pool *pool, struct db_session *session,
                              struct arena *arena)
{
    struct slice jobs[MAX_WORKERS], workers[MAX_WORKERS];
    size_t count = 0;
    struct error ignored;
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].job_id[0]) {
            jobs[count] = slice_from_cstr(arena_strdup(arena, pool->workers[i].job_id));
            workers[count++] = slice_from_cstr(pool->workers[i].name);
        }
    pthread_mutex_unlock(&pool->lock);
    const struct db_value values[] = {db_text_array(arena, jobs, count),
                                      db_text_array(arena, workers, count),
                                      db_int(arena, pool->options.lease_ms)};
    return db_session_query(session, &sql_jobs_extend_leases, values, NULL, &ignored);
}

// Extends the leases of this pool and rescues jobs of dead ones, three times a lease.
static void *keeper_main(void *data)
{
    struct queue_pool *pool = data;
    struct db_session *session = db_session_new(&pool->options.db);
    struct arena *arena = arena_new(16 * 1024 * 1024);
    for (;;) {
        arena_reset(arena);
        if (!extend_leases(pool, session, arena))
            rescue(pool, session, arena);
        pthread_mutex_lock(&pool->lock);
        bool done = pool->running == 0;
        if (!done) {
            struct timespec until;
            clock_gettime(CLOCK_REALTIME, &until);
            uint64_t ns = (uint64_t)until.tv_nsec + (uint64_t)pool->options.lease_ms / 3 * 1000000u;
            until.tv_sec += (time_t)(ns / 1000000000u);
            until.tv_nsec = (long)(ns % 1000000000u);
            pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
            done = pool->running == 0;
        }
        pthread_mutex_unlock(&pool->lock);
        if (done)
            break;
    }
    arena_free(arena);
    db_session_free(session);
    return NULL;
}

// ------------------------------------------------------------------------------------------------- life cycle

static void worker_init(struct queue_pool *pool, size_t index)
{
    struct worker *worker = &pool->workers[index];
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
    ensure(options->workers > 0 && options->workers <= MAX_WORKERS);
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
    ensure(pthread_create(&pool->keeper, NULL, keeper_main, pool) == 0);
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
        struct worker *worker = &pool->workers[i];
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
