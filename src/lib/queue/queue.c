#include "lib/log/log.h"
#include "lib/queue/pool.h"
#include "statements.gen.h"

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

// The columns are integers.
static int64_t as_progress(int64_t count)
{
    return count < INT32_MAX ? count : INT32_MAX;
}

enum err queue_progress(struct db_session *session, const struct queue_job *job, int64_t done,
                        int64_t total, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    if (job->pool && atomic_load(&job->pool->is_drained))
        return error_set(ret_error, ERR_SHUTTING_DOWN, "the service stops");
    const struct db_value values[] = {db_cstr(job->id), db_cstr(job->worker),
                                      db_int(arena, job->attempt), db_int(arena, as_progress(done)),
                                      total ? db_int(arena, as_progress(total)) : db_null()};
    enum err err = db_session_query(session, &sql_jobs_progress_job, values, &rows, ret_error);
    if (err)
        return err;
    if (db_rows_count(rows) == 0)
        return error_set(ret_error, ERR_LEASE_LOST, "the job is no longer this worker's");
    return db_rows_bool(rows, 0, 0) ? error_set(ret_error, ERR_CANCELLED, "its end was asked for")
                                    : ERR_OK;
}

// ------------------------------------------------------------------------------------------- ending a failed job

enum err queue_fail_event(struct db_session *session, const char *event_id, const char *code,
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

static enum err discard(struct queue_worker *worker, const struct queue_job *job,
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
        err = queue_fail_event(worker->session, job->event_id, code, reason->detail, ret_error);
    return err ? err : db_session_commit(worker->session, ret_error);
}

static enum err cancel(struct queue_worker *worker, const struct queue_job *job,
                       struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(job->id), db_cstr(job->worker),
                                      db_int(worker->arena, job->attempt)};
    return fenced(worker->session, &sql_jobs_cancel_running, values, ret_error);
}

enum err queue_settle_cancelled(struct db_session *session, const char *event_id,
                                struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(event_id)};
    return db_session_query(session, &sql_events_settle_cancelled, values, NULL, ret_error);
}

// Nobody works on the event until the next attempt, and readers see that.
static enum err show_queued(struct queue_worker *worker, const struct queue_job *job,
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

static enum err retry_later(struct queue_worker *worker, const struct queue_job *job,
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
                  ? queue_settle_cancelled(worker->session, job->event_id, ret_error)
                  : show_queued(worker, job, ret_error);
    return err ? err : db_session_commit(worker->session, ret_error);
}

bool queue_end_failed(struct queue_worker *worker, const struct queue_job *job,
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
