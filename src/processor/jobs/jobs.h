// Work of the processor that belongs to no single event: one file a kind of job, listed in worker.c. A run may be started
// over at any point (its worker died), so it goes by what is in the tables, not by what it did before.
#pragma once

#include "lib/config/config.h"
#include "lib/queue/queue.h"

// Threads for all of these kinds: what readers wait for does not stand behind what may run for minutes. After an error
// ret_pools has those that were started.
enum job_pool { JOB_POOL_RENDER, JOB_POOL_LONG, JOB_POOL_COUNT };
MUST_CHECK enum err job_workers_start(const struct config *config,
                                      struct queue_pool *ret_pools[JOB_POOL_COUNT],
                                      struct error *ret_error);

// render {speakers, companies}: events show names and domains of people and companies that have changed elsewhere.
queue_run job_render;
// quality {events}: events are judged again, so many, which table job_events names, or without the number all; the result
// says how many changed.
queue_run job_quality;
// deduplicate {kinds, dry_run, threshold}: finds pairs that may be one, merges those at or above the threshold, puts those
// below up for review. Its result tells what it found; a dry run changes nothing else.
queue_run job_deduplicate;
