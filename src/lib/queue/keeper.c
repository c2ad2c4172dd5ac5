// Leases: those of this pool's jobs are extended, those that ran out are given to others.
#include "lib/log/log.h"
#include "lib/queue/pool.h"
#include "statements.gen.h"

#include <time.h>

// Jobs of dead workers that have ended: those out of attempts failed their events.
static enum err close_rescued(struct db_session *session, const struct db_rows *rows,
                              struct arena *arena, struct error *ret_error)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < db_rows_count(rows) && !err; i++) {
        struct slice state = db_rows_text(rows, i, db_rows_column(rows, "state"));
        struct slice event = db_rows_value_text(rows, i, db_rows_column(rows, "event_id"), arena);
        if (event.len && slice_equal(state, SLICE("discarded")))
            err = queue_fail_event(session, arena_cstr(arena, event), "lease_lost",
                                   "the worker stopped before the job was done", ret_error);
        else if (event.len && slice_equal(state, SLICE("cancelled")))
            err = queue_settle_cancelled(session, arena_cstr(arena, event), ret_error);
    }
    return err;
}

static void rescue(struct queue_pool *pool, struct db_session *session, struct arena *arena)
{
    struct error error = {0};
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {
        pool->options.max_attempts ? db_int(arena, pool->options.max_attempts) : db_null(),
        queue_pool_kinds(pool, arena),
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
    struct slice jobs[QUEUE_MAX_WORKERS], workers[QUEUE_MAX_WORKERS];
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

void *queue_keeper_main(void *data)
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
