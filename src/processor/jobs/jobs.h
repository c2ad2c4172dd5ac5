// Work of the processor that belongs to no single event: one file a kind of job, listed in worker.c. A run may be started
// over at any point (its worker died), so it goes by what is in the tables, not by what it did before.
#pragma once

#include "lib/config/config.h"
#include "lib/queue/queue.h"

// Threads for all of these kinds. ret_workers may be NULL when none are wanted here.
struct queue_pool;
MUST_CHECK enum err job_workers_start(const struct config *config, struct queue_pool **ret_pool,
                                      struct error *ret_error);

// render {speakers, companies}: events show names and domains of people and companies that have changed elsewhere.
queue_run job_render;
// quality {ids}: events are judged again, these or, without ids, all; the result says how many changed.
queue_run job_quality;
// deduplicate {kinds, dry_run, threshold}: finds pairs that may be one, merges those at or above the threshold, puts those
// below up for review. Its result tells what it found; a dry run changes nothing else.
queue_run job_deduplicate;
