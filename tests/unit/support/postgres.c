#include "support/postgres.h"

#include "lib/base/clock.h"
#include "lib/base/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BIN "/usr/lib/postgresql/17/bin/"

enum { START_TIMEOUT_MS = 60000, POLL_MS = 10 };

static struct {
    char dir[64], data[80], log[80], url[160];
    pid_t owner;  // the process that made it
    pid_t server; // 0: not running
} cluster;

[[noreturn]] PRINTF_LIKE(1, 2) static void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("postgres for tests: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

// PostgreSQL refuses to run as root: then it runs as the user of its package, who gets the
// directory.
static const struct passwd *server_user(void)
{
    return geteuid() == 0 ? getpwnam("postgres") : NULL;
}

static void become_server(int death_signal)
{
    const struct passwd *user = server_user();
    if (user && (setgroups(1, &user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid)))
        _exit(126);
    // After setuid, which takes it back. The parent may be gone already.
    prctl(PR_SET_PDEATHSIG, death_signal);
    if (getppid() != cluster.owner)
        _exit(126);
    int log = open(cluster.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(126);
    if (chdir(cluster.dir) || setpgid(0, 0))
        _exit(126);
}

static pid_t run(int death_signal, const char *const *command)
{
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork: %s", strerror(errno));
    if (pid == 0) {
        become_server(death_signal);
        execv(command[0], (char *const *)(uintptr_t)command);
        _exit(127);
    }
    return pid;
}

static void print_log(void)
{
    FILE *log = fopen(cluster.log, "re");
    char line[512];
    while (log && fgets(line, sizeof line, log))
        fputs(line, stderr);
    if (log)
        fclose(log);
}

static int remove_entry(const char *path, const struct stat *, int, struct FTW *)
{
    return remove(path);
}

static void remove_cluster(void)
{
    if (getpid() != cluster.owner) // a child of the test that exits
        return;
    postgres_stop();
    nftw(cluster.dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void create_cluster(void)
{
    cluster.owner = getpid();
    strncpy(cluster.dir, "/tmp/eventd-test-XXXXXX", sizeof cluster.dir);
    if (!mkdtemp(cluster.dir))
        give_up("mkdtemp: %s", strerror(errno));
    atexit(remove_cluster);
    snprintf(cluster.data, sizeof cluster.data, "%s/data", cluster.dir);
    snprintf(cluster.log, sizeof cluster.log, "%s/log", cluster.dir);
    snprintf(cluster.url, sizeof cluster.url, "host=%s user=postgres dbname=postgres", cluster.dir);
    const struct passwd *user = server_user();
    if (user && chown(cluster.dir, user->pw_uid, user->pw_gid))
        give_up("chown: %s", strerror(errno));
    const char *const initdb[] = {BIN "initdb",
                                  "-D",
                                  cluster.data,
                                  "-U",
                                  "postgres",
                                  "-A",
                                  "trust",
                                  "-N",
                                  "-E",
                                  "UTF8",
                                  "--no-locale",
                                  "--locale-provider=builtin",
                                  "--locale=C.UTF-8",
                                  NULL};
    int status;
    if (waitpid(run(SIGKILL, initdb), &status, 0) < 0 || status != 0) {
        print_log();
        give_up("initdb failed");
    }
}

void postgres_start(void)
{
    // Immediate shutdown is what it gets when the test program dies.
    const char *const postgres[] = {BIN "postgres",
                                    "-D",
                                    cluster.data,
                                    "-k",
                                    cluster.dir,
                                    "-c",
                                    "listen_addresses=",
                                    "-c",
                                    "fsync=off",
                                    "-c",
                                    "full_page_writes=off",
                                    "-c",
                                    "shared_buffers=16MB",
                                    "-c",
                                    "log_min_messages=fatal",
                                    NULL};
    cluster.server = run(SIGQUIT, postgres);
    uint64_t deadline = clock_monotonic_ms() + START_TIMEOUT_MS;
    while (PQping(cluster.url) != PQPING_OK) {
        bool ended = waitpid(cluster.server, NULL, WNOHANG) != 0;
        if (ended || clock_monotonic_ms() > deadline) {
            print_log();
            give_up("the server did not start");
        }
        pause_ms(POLL_MS);
    }
}

void postgres_stop(void)
{
    if (!cluster.server)
        return;
    kill(cluster.server, SIGQUIT);
    waitpid(cluster.server, NULL, 0);
    cluster.server = 0;
}

// Each backend is the leader of a session of its own, so there is no group to signal.
static void signal_all(int signal)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", cluster.server, cluster.server);
    kill(cluster.server, signal);
    FILE *children = fopen(path, "re");
    for (int child; children && fscanf(children, "%d", &child) == 1;)
        kill(child, signal);
    if (children)
        fclose(children);
}

void postgres_freeze(void)
{
    signal_all(SIGSTOP);
}

void postgres_thaw(void)
{
    signal_all(SIGCONT);
}

const char *postgres_url(void)
{
    if (!cluster.owner) {
        create_cluster();
        postgres_start();
    }
    return cluster.url;
}
