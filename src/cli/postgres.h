// The embedded PostgreSQL: a cluster of our own in STATE_DIR/postgres, reached only by the unix socket in that folder.
// `eventd up` runs `eventd postgres` as a service: it prepares the cluster and becomes the server.
#pragma once

#include "lib/config/config.h"

#include <limits.h>
#include <sys/types.h>
#include <time.h>

struct embedded_postgres {
    char data_dir[PATH_MAX];
    time_t start_s;      // when the newest start was allowed, wall clock
    uint64_t waiting_ms; // since when a start is put off, monotonic; 0: it is not
};

void postgres_init(struct embedded_postgres *postgres, const struct config *config);

// Hooks of supervise_service; data is a struct embedded_postgres.
// Put off while an old server of this cluster still runs or has left processes behind, for half a minute at most.
bool postgres_may_start(void *data);
// The server itself says so, in its postmaster.pid.
bool postgres_is_ready(void *data, pid_t pid);
