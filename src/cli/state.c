#include "cli/state.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// Others may pass through: the database runs as another user when we are root. What is secret has its own mode.
enum { FOLDER_MODE = 0755 };

bool state_make(const struct config *config)
{
    char *path = arena_strdup(config->arena, config->state_dir);
    for (char *at = path + 1;; at++) {
        char kept = *at;
        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST) {
            cli_complain("STATE_DIR: %s: %s", path, strerror(errno));
            return false;
        }
        if (!kept)
            return true;
        *at = kept;
    }
}

bool state_lock(const struct config *config)
{
    const char *path = arena_printf(config->arena, "%s/lock", config->state_dir);
    char owner[32] = "";
    // Stays open, and locked, until the process ends.
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        cli_complain("%s: %s", path, strerror(errno));
        return false;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)!read(fd, owner, sizeof owner - 1);
        cli_complain(
            "another eventd up (process %s) uses %s; stop it, or give this one a STATE_DIR and "
            "ports of its own",
            *owner ? owner : "?", config->state_dir);
        close(fd);
        return false;
    }
    int len = snprintf(owner, sizeof owner, "%d", (int)getpid());
    (void)!ftruncate(fd, 0);
    (void)!write(fd, owner, (size_t)len);
    return true;
}
