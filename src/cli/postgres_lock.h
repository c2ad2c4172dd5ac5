// What postmaster.pid tells about who uses a cluster. Of cli/postgres only.
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

enum postgres_use {
    POSTGRES_FREE,      // nobody
    POSTGRES_RUNNING,   // a server runs, or is ending
    POSTGRES_LEFTOVERS, // the server is gone, processes of it still use its shared memory
    POSTGRES_STALE // the file names a process that is none of PostgreSQL: the number was given out again
};

struct postgres_lock {
    pid_t pid;
    time_t started_s;
    long shm_key, shm_id; // -1: none
    bool ready;
};

// Reads DATA/postmaster.pid; false when there is none or it is not whole yet.
bool postgres_lock_read(const char *data_dir, struct postgres_lock *ret_lock);
enum postgres_use postgres_lock_use(const char *data_dir);
