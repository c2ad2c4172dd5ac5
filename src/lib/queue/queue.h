// Workers on the durable queue (table jobs): a pool of blocking threads that claim jobs of its kinds, each under a
// lease that a keeper thread extends. A job is done exactly once in effect: whatever it writes is committed together
// with its completion, and the completion only succeeds while the lease is still its own. When a worker or the whole
// process dies, the lease runs out and another worker starts over.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/digest.h"
#include "lib/base/error.h"
#include "lib/db/session.h"

#include <stdbool.h>
#include <stdint.h>

struct queue_pool;

// Most that a job's arguments may take (the check jobs_args_check): what is more belongs into a table of its own.
enum { QUEUE_MAX_ARGS_BYTES = 1024 * 1024 };

struct queue_job {
    const char *kind;
    char id[UUID_TEXT];
    char event_id[UUID_TEXT]; // "" when the job stands for itself
    const char *worker;       // holder of the lease
    const char *url;          // canonical address of the event; NULL without one
    struct slice args;        // JSON object, at most QUEUE_MAX_ARGS_BYTES
    const char *request_id;   // of the request that asked for it; NULL when unknown
    int attempt, max_attempts;
    bool force;
    const struct queue_pool *pool; // that runs it; NULL outside of one
};

// What a run tells besides its error.
struct queue_outcome {
    // With a failure that may be tried again: not before; 0: back-off decides.
    uint32_t retry_after_ms;
    bool is_final; // with a failure: trying again cannot help, whatever its code says
};

// Does one job. ERR_OK means that the run itself has called queue_complete and committed. Any error: its transaction
// is rolled back by the pool, and the job is tried again or discarded by the error's retry class; ERR_CONFLICT (a
// deadlock, a lost race) is repeated at once a few times.
// Jobs that stand for themselves may run for long and write in several transactions: they report with queue_progress,
// and must be able to start over.
typedef enum err queue_run(void *worker, struct db_session *session, const struct queue_job *job,
                           struct arena *arena, struct queue_outcome *outcome,
                           struct error *ret_error);

// One kind of job and who does it.
struct queue_kind {
    const char *name; // "scrape": of the check on jobs.kind
    queue_run *run;
};
enum { QUEUE_MAX_KINDS = 8 };

struct queue_pool_options {
    struct queue_kind kinds[QUEUE_MAX_KINDS]; // ends with an empty one
    struct db_options db;
    size_t workers;
    uint32_t lease_ms;                  // a dead worker's job waits this long
    uint32_t drain_ms;                  // how long stop waits for jobs under way
    int max_attempts;                   // of one job; 0: what its row says
    size_t arena_bytes;                 // most that one job may allocate
    void *(*worker_new)(void *context); // per-thread state for run; may be NULL
    void (*worker_free)(void *worker);
    void *context;
    // Set (atomically) by stop when drain_ms have passed, for long fetches; may be NULL.
    bool *cancel;
};

// Starts the threads. The database may be away: workers wait for it.
MUST_CHECK enum err queue_pool_start(const struct queue_pool_options *options,
                                     struct queue_pool **ret_pool, struct error *ret_error);
// Claims nothing new, waits for the jobs under way, tells them to end (cancel) after drain_ms. Blocks until all have.
void queue_pool_stop(struct queue_pool *pool);
// The first half of it, without waiting: claims nothing new from now on. NULL is fine.
void queue_pool_begin_stop(struct queue_pool *pool);

// Inside the run's transaction: the job is done. ERR_LEASE_LOST when another worker has it by now.
MUST_CHECK enum err queue_complete(struct db_session *session, const struct queue_job *job,
                                   struct error *ret_error);

// The same with a result: a JSON text, or the absent slice.
MUST_CHECK enum err queue_complete_with(struct db_session *session, const struct queue_job *job,
                                        struct slice result, struct error *ret_error);
// Begins a transaction in which the job is still this worker's: for what is written before the job's end. ERR_LEASE_LOST
// when another worker has it by now.
MUST_CHECK enum err queue_begin(struct db_session *session, const struct queue_job *job,
                                struct error *ret_error);

// Outside a transaction: how far the job is. total may be 0 while it is unknown; both are told up to INT32_MAX. An error
// ends the run: ERR_CANCELLED when somebody asks for its end, ERR_SHUTTING_DOWN when its pool stops and the drain is over
// (it starts over elsewhere), ERR_LEASE_LOST when another worker has the job by now.
MUST_CHECK enum err queue_progress(struct db_session *session, const struct queue_job *job,
                                   int64_t done, int64_t total, struct error *ret_error);

// Back-off before attempt + 1: 1 s doubling to 5 minutes, with up to 10 % jitter.
uint32_t queue_backoff_ms(int attempt);
