#include "extractor/llm/budget.h"

#include "lib/base/ensure.h"
#include "lib/base/slice.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { MAX_PATH = 512, MAX_FILE = 64 };
static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;

struct llm_budget {
    pthread_mutex_t lock;
    int64_t limit;
    int64_t day, spent;                                                   // as last seen
    char path[MAX_PATH], lock_path[MAX_PATH + 8], new_path[MAX_PATH + 8]; // "": in memory
};

struct llm_budget *llm_budget_new(const char *path, int64_t limit)
{
    struct llm_budget *budget = calloc(1, sizeof *budget);
    ensure(budget);
    pthread_mutex_init(&budget->lock, NULL);
    budget->limit = limit;
    if (path) {
        ensure(strlen(path) < sizeof budget->path);
        snprintf(budget->path, sizeof budget->path, "%s", path);
        snprintf(budget->lock_path, sizeof budget->lock_path, "%s.lock", path);
        snprintf(budget->new_path, sizeof budget->new_path, "%s.new", path);
    }
    return budget;
}

void llm_budget_free(struct llm_budget *budget)
{
    if (!budget)
        return;
    pthread_mutex_destroy(&budget->lock);
    free(budget);
}

static enum err io_error(const char *path, struct error *ret_error)
{
    return error_set(ret_error, ERR_IO, "%s: %s", path, strerror(errno));
}

// "20780 12345\n": the day, since 1970, and its tokens.
static enum err load(struct llm_budget *budget, struct error *ret_error)
{
    char text[MAX_FILE];
    int fd = open(budget->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return ERR_OK; // nothing was spent yet, or what this process knows of
    if (fd < 0)
        return io_error(budget->path, ret_error);
    ssize_t len = read(fd, text, sizeof text);
    close(fd);
    struct slice rest = slice_trim((struct slice){text, len > 0 ? (size_t)len : 0}), day;
    int64_t read_day, read_spent;
    if (!slice_split_next(&rest, ' ', &day) || !slice_to_int(day, &read_day) ||
        !slice_to_int(rest, &read_spent) || read_spent < 0)
        return error_set(ret_error, ERR_IO, "%s: is not a day and its tokens; remove it",
                         budget->path);
    budget->day = read_day, budget->spent = read_spent;
    return ERR_OK;
}

static enum err store(const struct llm_budget *budget, struct error *ret_error)
{
    int fd = open(budget->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return io_error(budget->new_path, ret_error);
    int len = dprintf(fd, "%" PRId64 " %" PRId64 "\n", budget->day, budget->spent);
    bool written = len > 0 && fsync(fd) == 0;
    close(fd);
    if (!written || rename(budget->new_path, budget->path) != 0)
        return io_error(budget->new_path, ret_error);
    return ERR_OK;
}

// Adds tokens to the day's, at most up to the limit when is_limited. Both locks are held.
static enum err spend(struct llm_budget *budget, int64_t day, int64_t tokens, bool is_limited,
                      bool *ret_taken, struct error *ret_error)
{
    enum err err = budget->path[0] ? load(budget, ret_error) : ERR_OK;
    *ret_taken = false;
    if (err)
        return err;
    // A clock that was set back begins no new day.
    if (day > budget->day)
        budget->day = day, budget->spent = 0;
    if (is_limited && budget->limit > 0 && budget->spent + tokens > budget->limit)
        return ERR_OK;
    int64_t before = budget->spent;
    budget->spent = before + tokens < 0 ? 0 : before + tokens;
    if (budget->path[0])
        err = store(budget, ret_error);
    if (err)
        budget->spent = before;
    *ret_taken = !err;
    return err;
}

static enum err spend_locked(struct llm_budget *budget, int64_t day, int64_t tokens,
                             bool is_limited, bool *ret_taken, struct error *ret_error)
{
    enum err err = ERR_OK;
    int fd = -1;
    *ret_taken = false;
    pthread_mutex_lock(&budget->lock);
    if (budget->path[0]) {
        fd = open(budget->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0 || flock(fd, LOCK_EX) != 0)
            err = io_error(budget->lock_path, ret_error);
    }
    if (!err)
        err = spend(budget, day, tokens, is_limited, ret_taken, ret_error);
    if (fd >= 0)
        close(fd);
    pthread_mutex_unlock(&budget->lock);
    return err;
}

bool llm_budget_take(struct llm_budget *budget, int64_t now_unix_ms, int64_t tokens,
                     struct error *ret_error)
{
    bool taken;
    return !spend_locked(budget, now_unix_ms / DAY_MS, tokens, true, &taken, ret_error) && taken;
}

void llm_budget_settle(struct llm_budget *budget, int64_t taken_unix_ms, int64_t now_unix_ms,
                       int64_t taken, int64_t spent)
{
    bool ignored;
    if (taken_unix_ms / DAY_MS != now_unix_ms / DAY_MS || taken == spent)
        return;
    // What cannot be given back stays spent.
    (void)!spend_locked(budget, now_unix_ms / DAY_MS, spent - taken, false, &ignored, NULL);
}
