// What the parts of a pool share: queue.c (what a run says of its job), pool.c (workers and life cycle), keeper.c (leases).
#pragma once

#include "lib/queue/queue.h"

#include <pthread.h>
#include <stdatomic.h>

enum { QUEUE_MAX_WORKERS = 64, WORKER_NAME_BYTES = 96 };

struct queue_worker {
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
    struct queue_worker workers[QUEUE_MAX_WORKERS];
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

// The names of its kinds, for statements.
struct db_value queue_pool_kinds(const struct queue_pool *pool, struct arena *arena);

// A run has failed: the job is tried again, discarded or cancelled, as the reason's code and the outcome say. True: it will
// be tried again.
bool queue_end_failed(struct queue_worker *worker, const struct queue_job *job,
                      const struct error *reason, const struct queue_outcome *outcome);

// Says what became of the event: failed for good (code set), in one transaction with the job's end.
MUST_CHECK enum err queue_fail_event(struct db_session *session, const char *event_id,
                                     const char *code, const char *detail, struct error *ret_error);

// Its job's end was asked for while it ran, and the job ends without having been done.
MUST_CHECK enum err queue_settle_cancelled(struct db_session *session, const char *event_id,
                                           struct error *ret_error);

// A thread: extends the leases of this pool and rescues jobs of dead ones, three times a lease, until no worker runs.
void *queue_keeper_main(void *pool);
