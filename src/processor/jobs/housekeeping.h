// Removes what has had its time: ended jobs, finished batches, old snapshots and changes. One thread, its own connection,
// in small transactions; of several processes one does it (prune in sql/migrations/0011_work.sql).
#pragma once

#include "lib/config/config.h"

struct housekeeping;

struct housekeeping *housekeeping_start(const struct config *config);
void housekeeping_stop(
    struct housekeeping *housekeeping); // waits for the step under way; NULL is fine
