// The threads that ask language models, so that the loops go on answering other pages meanwhile.
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/config/config.h"
#include "lib/loop/loop.h"

struct llm_pool;

// A page that waits for a model. The caller fills the first part and keeps it until done is called,
// on the loop's thread, once.
struct llm_job {
    struct buffer record; // as it was read without a model; the job's own
    struct loop *loop;
    void (*done)(struct llm_job *job);
    void *user;
    struct buffer answer; // the record to answer with; the job's own, initialised by the caller

    struct llm_pool *pool; // of the pool
    uint64_t deadline_ms;
    struct llm_job *next;
};

// ret_pool is NULL when no model is configured. config must outlive it. Fails with ERR_INTERNAL.
MUST_CHECK enum err llm_pool_start(const struct config *config, struct llm_pool **ret_pool,
                                   struct error *ret_error);
// Ends what is under way: everybody who waits is answered within about a second, without a model.
void llm_pool_begin_stop(struct llm_pool *pool); // NULL is fine
// After the loops have ended. Blocks; NULL is fine.
void llm_pool_stop(struct llm_pool *pool);

// Takes the job when the model is wanted for its record. False: the record is the answer as it is
// (no model is configured, nothing is missing).
bool llm_pool_submit(struct llm_pool *pool, struct llm_job *job);
