#include "cli/postgres_lock.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

// Lines of postmaster.pid (PostgreSQL's miscadmin.h).
enum { LINE_PID = 1, LINE_START = 3, LINE_SHM = 7, LINE_STATUS = 8, MAX_LINE = 1200 };

bool postgres_lock_read(const char *data_dir, struct postgres_lock *ret_lock)
{
    char path[PATH_MAX], line[MAX_LINE];
    *ret_lock = (struct postgres_lock){.shm_key = -1, .shm_id = -1};
    if (snprintf(path, sizeof path, "%s/postmaster.pid", data_dir) >= (int)sizeof path)
        return false;
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        if (number == LINE_PID)
            ret_lock->pid = (pid_t)labs(strtol(line, NULL, 10)); // negative: a single-user server
        else if (number == LINE_START)
            ret_lock->started_s = (time_t)strtoll(line, NULL, 10);
        else if (number == LINE_SHM &&
                 sscanf(line, "%ld %ld", &ret_lock->shm_key, &ret_lock->shm_id) != 2)
            ret_lock->shm_key = ret_lock->shm_id = -1;
        else if (number == LINE_STATUS)
            ret_lock->ready = strncmp(line, "ready", strlen("ready")) == 0;
    }
    fclose(file);
    return ret_lock->pid > 0;
}

enum process { PROCESS_NONE, PROCESS_SERVER, PROCESS_OTHER, PROCESS_UNKNOWN };

static bool is_dead(pid_t pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    const char *behind_name = strrchr(text, ')'); // a name may hold anything
    return behind_name &&
           (strncmp(behind_name, ") Z", 3) == 0 || strncmp(behind_name, ") X", 3) == 0);
}

// A server works in its data folder; another process with the same number does not.
static enum process process_of(pid_t pid, const char *data_dir)
{
    char link[64], folder[PATH_MAX], real[PATH_MAX];
    if (kill(pid, 0) != 0 && errno != EPERM)
        return PROCESS_NONE;
    if (is_dead(pid))
        return PROCESS_OTHER;
    snprintf(link, sizeof link, "/proc/%d/cwd", (int)pid);
    ssize_t len = readlink(link, folder, sizeof folder - 1);
    if (len < 0 || !realpath(data_dir, real))
        return PROCESS_UNKNOWN;
    folder[len] = '\0';
    return strcmp(folder, real) == 0 ? PROCESS_SERVER : PROCESS_OTHER;
}

static bool shared_memory_is_used(const struct postgres_lock *lock)
{
    struct shmid_ds segment;
    if (lock->shm_id < 0 || shmctl((int)lock->shm_id, IPC_STAT, &segment) != 0)
        return false;
    // Numbers of segments begin anew when the machine does; the key is the cluster's.
    return segment.shm_perm.__key == (key_t)lock->shm_key && segment.shm_nattch > 0;
}

enum postgres_use postgres_lock_use(const char *data_dir)
{
    struct postgres_lock lock;
    if (!postgres_lock_read(data_dir, &lock))
        return POSTGRES_FREE;
    enum process process = process_of(lock.pid, data_dir);
    if (process == PROCESS_SERVER)
        return POSTGRES_RUNNING;
    if (shared_memory_is_used(&lock))
        return POSTGRES_LEFTOVERS;
    return process == PROCESS_OTHER ? POSTGRES_STALE : POSTGRES_FREE;
}
