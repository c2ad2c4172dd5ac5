// The processing workers: a pool of blocking threads that claim jobs of kind "process" and run the pipeline.
#pragma once

#include "lib/base/error.h"
#include "lib/config/config.h"

// service.start, .begin_stop and .stop
enum err process_workers_start(const struct config *config, void **ret_workers,
                               struct error *ret_error);
void process_workers_begin_stop(void *workers);
void process_workers_stop(void *workers);
