// The scrape workers: a pool of blocking threads that claim jobs of kind "scrape", fetch the page politely, and write it
// together with the job that will process it.
#pragma once

#include "api/scrape/luma_url.h"
#include "lib/base/error.h"
#include "lib/config/config.h"

struct scrape_workers;

// rules must outlive the workers. Fails with ERR_CONFIG_INVALID for proxies or overrides that cannot be understood.
MUST_CHECK enum err scrape_workers_start(const struct config *config,
                                         const struct luma_url_rules *rules,
                                         struct scrape_workers **ret_workers,
                                         struct error *ret_error);
// The first half of it, without waiting: fetches nothing new. NULL is fine.
void scrape_workers_begin_stop(struct scrape_workers *workers);
void scrape_workers_stop(
    struct scrape_workers *workers); // NULL is fine; blocks until they have ended
