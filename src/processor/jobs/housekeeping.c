#include "processor/jobs/housekeeping.h"

#include "lib/base/ensure.h"
#include "lib/db/session.h"
#include "lib/log/log.h"
#include "processor/deduplication/refill.h"
#include "statements.gen.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { STEP_ROWS = 500 };

struct housekeeping {
    const struct config *config;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop; // or time for the next round
    bool stopping;
};

static bool is_stopping(struct housekeeping *housekeeping)
{
    pthread_mutex_lock(&housekeeping->lock);
    bool stopping = housekeeping->stopping;
    pthread_mutex_unlock(&housekeeping->lock);
    return stopping;
}

static void wait_for_next_round(struct housekeeping *housekeeping)
{
    uint32_t interval_ms = housekeeping->config->housekeeping_interval_ms;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += interval_ms / 1000;
    until.tv_nsec += (long)(interval_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&housekeeping->lock);
    while (!housekeeping->stopping &&
           pthread_cond_timedwait(&housekeeping->stop, &housekeeping->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&housekeeping->lock);
}

// One step. ret_more: a kind was cut off by the limit.
static enum err prune(struct housekeeping *housekeeping, struct db_session *session, bool *ret_more)
{
    const struct config *config = housekeeping->config;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    const struct db_value values[] = {
        db_int(arena, config->job_retention_hours), db_int(arena, config->snapshot_retention_hours),
        db_int(arena, config->change_retention_hours), db_int(arena, STEP_ROWS)};
    *ret_more = false;
    enum err err = db_session_query(session, &sql_operations_prune, values, &rows, &error);
    if (err) {
        log_warn("prune_failed", log_str("code", error_info(err)->code),
                 log_str("detail", error.detail));
        return err;
    }
    int64_t total = 0;
    for (int column = 0; column < 4; column++) {
        int64_t removed = db_rows_int(rows, 0, column);
        total += removed;
        *ret_more = *ret_more || removed == STEP_ROWS;
    }
    if (total)
        log_info("pruned", log_int("jobs", db_rows_int(rows, 0, 0)),
                 log_int("batches", db_rows_int(rows, 0, 1)),
                 log_int("snapshots", db_rows_int(rows, 0, 2)),
                 log_int("changes", db_rows_int(rows, 0, 3)));
    return ERR_OK;
}

static void refill(struct db_session *session)
{
    struct error error = {0};
    int64_t count = 0;
    enum err err = keys_refill(session, &count, &error);
    if (err)
        log_warn("refill_failed", log_str("code", error_info(err)->code),
                 log_str("detail", error.detail));
    else if (count)
        log_info("refilled", log_int("rows", count));
}

static void *housekeeping_main(void *data)
{
    struct housekeeping *housekeeping = data;
    const struct db_options options = {.url = config_database_url(housekeeping->config),
                                       .application_name = "processor housekeeping"};
    struct db_session *session = db_session_new(&options);
    while (!is_stopping(housekeeping)) {
        bool more = true;
        refill(session);
        while (more && !is_stopping(housekeeping) && !prune(housekeeping, session, &more))
            ;
        wait_for_next_round(housekeeping);
    }
    db_session_free(session);
    return NULL;
}

struct housekeeping *housekeeping_start(const struct config *config)
{
    struct housekeeping *housekeeping = calloc(1, sizeof *housekeeping);
    ensure(housekeeping != NULL);
    housekeeping->config = config;
    pthread_mutex_init(&housekeeping->lock, NULL);
    pthread_cond_init(&housekeeping->stop, NULL);
    ensure(pthread_create(&housekeeping->thread, NULL, housekeeping_main, housekeeping) == 0);
    return housekeeping;
}

void housekeeping_stop(struct housekeeping *housekeeping)
{
    if (!housekeeping)
        return;
    pthread_mutex_lock(&housekeeping->lock);
    housekeeping->stopping = true;
    pthread_cond_broadcast(&housekeeping->stop);
    pthread_mutex_unlock(&housekeeping->lock);
    pthread_join(housekeeping->thread, NULL);
    pthread_mutex_destroy(&housekeeping->lock);
    pthread_cond_destroy(&housekeeping->stop);
    free(housekeeping);
}
