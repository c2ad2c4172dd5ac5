// eventd postgres: prepares the embedded cluster and becomes its server. Everything but the making of one folder is done
// as an ordinary user: PostgreSQL refuses to be root, and nothing here needs to be.
#include "cli/postgres.h"

#include "cli/cli.h"
#include "cli/postgres_lock.h"
#include "lib/base/clock.h"
#include "lib/log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER "postgres" // as which PostgreSQL runs when we are root
#define DEBIAN_BIN "/usr/lib/postgresql/17/bin"
#define VERSION "17"

enum { MAX_PUT_OFF_MS = 30000, MAX_OUTPUT = 64 * 1024, PUBLIC_MODE = 0755, PRIVATE_MODE = 0700 };

// All paths of the cluster; in the arena.
struct cluster {
    struct arena *arena;
    const struct config *config;
    const char *folder; // STATE_DIR/postgres
    const char *data, *partial;
    const char *bin; // folder of initdb and postgres
};

void postgres_init(struct embedded_postgres *postgres, const struct config *config)
{
    *postgres = (struct embedded_postgres){0};
    // A path that does not fit is too long for the socket's address too, which the server's start complains about.
    snprintf(postgres->data_dir, sizeof postgres->data_dir, "%s/postgres/data", config->state_dir);
}

bool postgres_may_start(void *data)
{
    struct embedded_postgres *postgres = data;
    enum postgres_use use = postgres_lock_use(postgres->data_dir);
    uint64_t now = clock_monotonic_ms();
    bool busy = use == POSTGRES_RUNNING || use == POSTGRES_LEFTOVERS;
    if (busy && !postgres->waiting_ms) {
        postgres->waiting_ms = now;
        log_info("postgres_waits",
                 log_str("for", use == POSTGRES_RUNNING ? "the end of the server before it"
                                                        : "processes of the server before it"));
    }
    // After that it may try: PostgreSQL checks the same itself, and says what is wrong.
    if (busy && now - postgres->waiting_ms < MAX_PUT_OFF_MS)
        return false;
    postgres->waiting_ms = 0;
    postgres->start_s = (time_t)(clock_unix_ms() / 1000);
    return true;
}

bool postgres_is_ready(void *data, pid_t pid)
{
    const struct embedded_postgres *postgres = data;
    struct postgres_lock lock;
    // A file that a killed server left behind may hold the very same number, in a container it often does.
    return postgres_lock_read(postgres->data_dir, &lock) && lock.pid == pid && lock.ready &&
           lock.started_s >= postgres->start_s;
}

// ------------------------------------------------------------------------------------------- small steps

static bool complain_errno(const char *what)
{
    cli_complain("%s: %s", what, strerror(errno));
    return false;
}

static const char *find_bin(struct arena *arena)
{
    struct slice path = slice_from_cstr(getenv("PATH")), part;
    if (access(DEBIAN_BIN "/initdb", X_OK) == 0)
        return DEBIAN_BIN;
    while (slice_split_next(&path, ':', &part)) {
        const char *folder = arena_cstr(arena, part);
        if (access(arena_printf(arena, "%s/initdb", folder), X_OK) == 0 &&
            access(arena_printf(arena, "%s/postgres", folder), X_OK) == 0)
            return folder;
    }
    cli_complain("PostgreSQL " VERSION " is not installed (no initdb in " DEBIAN_BIN " or PATH); "
                 "install it or set DATABASE_URL");
    return NULL;
}

static bool write_file(const char *path, struct slice text, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    if (fd < 0)
        return complain_errno(path);
    bool written = write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    if (!written)
        complain_errno(path);
    close(fd);
    return written;
}

static int remove_entry(const char *path, const struct stat *, int, struct FTW *)
{
    return remove(path);
}

static bool remove_tree(const char *path)
{
    if (nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return true;
    return complain_errno(path);
}

// Runs a program with `input` on its standard input; what it writes to its standard output goes into output (and is
// dropped when that is full). Its complaints go to our standard error. True when it exits with 0.
static bool run(const char *const *argv, struct slice input, struct buffer *output)
{
    int in[2], out[2], status;
    pid_t parent = getpid();
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        return complain_errno("pipe");
    // Small enough for the pipe, so it can be written before anybody reads.
    bool written = write(in[1], input.ptr, input.len) == (ssize_t)input.len;
    close(in[1]);
    pid_t pid = written ? fork() : -1;
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(1);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    char block[4096];
    ssize_t n;
    while (pid > 0 && ((n = read(out[0], block, sizeof block)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            buffer_append(output, (struct slice){block, (size_t)n});
    close(out[0]);
    if (pid < 0)
        return complain_errno(argv[0]);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// ------------------------------------------------------------------------------------------- the cluster

// The folder for everything else; after this we are an ordinary user, for good.
static bool enter_folder(const struct cluster *cluster)
{
    const struct passwd *user = NULL;
    pid_t parent = getppid();
    if (mkdir(cluster->config->state_dir, PUBLIC_MODE) != 0 && errno != EEXIST)
        return complain_errno(cluster->config->state_dir);
    if (mkdir(cluster->folder, PRIVATE_MODE) != 0 && errno != EEXIST)
        return complain_errno(cluster->folder);
    if (geteuid() == 0) {
        user = getpwnam(USER);
        if (!user) {
            cli_complain("PostgreSQL cannot run as root, and there is no user '" USER "'");
            return false;
        }
        if (lchown(cluster->folder, user->pw_uid, user->pw_gid) != 0)
            return complain_errno(cluster->folder);
        if (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)
            return complain_errno("becoming the user " USER);
        // The wish to be told of the supervisor's death ends with the change of user.
        prctl(PR_SET_PDEATHSIG, SIGINT);
        if (getppid() != parent)
            return false;
    }
    if (chdir(cluster->folder) == 0)
        return true;
    cli_complain(
        "%s: %s; the user '%s' must be able to reach it: choose another STATE_DIR, or give "
        "others the right to pass through the folders above it (chmod o+x)",
        cluster->folder, strerror(errno), user ? USER : "that runs this");
    return false;
}

static bool check_socket_path(const struct cluster *cluster)
{
    size_t max = sizeof((struct sockaddr_un *)NULL)->sun_path - sizeof "/.s.PGSQL.5432";
    if (strlen(cluster->folder) <= max)
        return true;
    cli_complain("STATE_DIR is too long for the address of a unix socket: %s (at most %zu bytes)",
                 cluster->config->state_dir, max - strlen("/postgres"));
    return false;
}

static bool init_cluster(const struct cluster *cluster)
{
    const char *const initdb[] = {arena_printf(cluster->arena, "%s/initdb", cluster->bin),
                                  "--pgdata",
                                  cluster->partial,
                                  "--username=eventd",
                                  "--auth=trust", // the folder around the socket keeps others out
                                  "--encoding=UTF8",
                                  "--locale-provider=builtin",
                                  "--locale=C.UTF-8",
                                  "--text-search-config=english",
                                  "--data-checksums",
                                  "--no-instructions",
                                  NULL};
    const char *const single[] = {arena_printf(cluster->arena, "%s/postgres", cluster->bin),
                                  "--single",
                                  "-D",
                                  cluster->partial,
                                  "-c",
                                  "log_checkpoints=off",
                                  "template1",
                                  NULL};
    struct buffer output CLEANUP(buffer_done);
    buffer_init(&output, MAX_OUTPUT);
    log_info("postgres_init", log_str("folder", cluster->data));
    if (!remove_tree(cluster->partial) || !run(initdb, SLICE(""), &output)) {
        cli_complain("initdb failed: %.*s", SLICE_FMT(buffer_slice(&output)));
        return false;
    }
    buffer_clear(&output);
    // In this mode a refused statement does not show in the exit status: ask whether it has worked.
    bool made = run(single,
                    SLICE("create database events\n"
                          "select 'it exists' from pg_database where datname = 'events'\n"),
                    &output);
    if (!made || slice_find(buffer_slice(&output), SLICE("\"it exists\"")) == SIZE_MAX) {
        cli_complain("the database could not be made: %.*s", SLICE_FMT(buffer_slice(&output)));
        return false;
    }
    const char *settings = arena_printf(cluster->arena, "%s/postgresql.conf", cluster->partial);
    return write_file(settings, SLICE("\ninclude 'eventd.conf'\n"), O_APPEND);
}

// The cluster gets its name when it is whole; what an interrupted start left behind is made anew.
static bool make_cluster(const struct cluster *cluster)
{
    if (access(cluster->data, F_OK) == 0)
        return true;
    if (!init_cluster(cluster))
        return false;
    if (rename(cluster->partial, cluster->data) != 0)
        return complain_errno(cluster->data);
    int folder = open(cluster->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder); // so that the new name survives a loss of power
        close(folder);
    }
    return true;
}

static bool check_version(const struct cluster *cluster)
{
    char version[16] = "";
    const char *path = arena_printf(cluster->arena, "%s/PG_VERSION", cluster->data);
    FILE *file = fopen(path, "re");
    if (!file || !fgets(version, sizeof version, file)) {
        if (file)
            fclose(file);
        return complain_errno(path);
    }
    fclose(file);
    version[strcspn(version, "\n")] = '\0';
    if (strcmp(version, VERSION) == 0)
        return true;
    cli_complain("%s was made by PostgreSQL %s, this is " VERSION
                 ": move it with pg_upgrade or dump "
                 "and restore",
                 cluster->data, version);
    return false;
}

// In a settings file a quote inside quotes is doubled.
static const char *quoted(struct arena *arena, const char *text)
{
    char *copy = arena_alloc(arena, 2 * strlen(text) + 1), *out = copy;
    for (; *text; text++) {
        if (*text == '\'')
            *out++ = '\'';
        *out++ = *text;
    }
    return copy;
}

static bool write_settings(const struct cluster *cluster)
{
    const char *path = arena_printf(cluster->arena, "%s/eventd.conf", cluster->data);
    const char *text = arena_printf(
        cluster->arena,
        "# Written by eventd at every start. Your own settings: ALTER SYSTEM, they "
        "come after these.\n"
        "listen_addresses = ''\n"
        "unix_socket_directories = '%s'\n"
        "unix_socket_permissions = 0700\n"
        "shared_preload_libraries = 'pg_stat_statements,age'\n"
        "max_connections = 100\n"
        "shared_buffers = 256MB\n"
        "effective_cache_size = 1GB\n"
        "work_mem = 16MB\n"
        "maintenance_work_mem = 256MB\n"
        "max_wal_size = 2GB\n"
        "checkpoint_timeout = 15min\n"
        "random_page_cost = 1.1\n" // a solid-state disk
        "jit = off\n"              // our statements are short: compiling costs more than it saves
        "synchronous_commit = on\n"
        "recovery_init_sync_method = syncfs\n" // one call instead of one for each of a thousand files
        "timezone = 'UTC'\n"
        "log_timezone = 'UTC'\n"
        "log_destination = 'stderr'\n"
        "logging_collector = off\n"
        "log_line_prefix = '%%m postgres[%%p] %%q%%a '\n"
        "log_min_duration_statement = %d\n"
        "log_checkpoints = off\n"
        "track_io_timing = on\n",
        quoted(cluster->arena, cluster->folder), cluster->config->slow_statement_ms);
    return write_file(path, slice_from_cstr(text), O_TRUNC);
}

static bool remove_file(const char *path)
{
    return unlink(path) == 0 || errno == ENOENT || complain_errno(path);
}

// PostgreSQL takes any process of its own user for a server, also one that is dead and not yet taken off the system. A
// number that was given out again must not block the start. The socket's folder is this cluster's alone.
static bool remove_stale_locks(const struct cluster *cluster)
{
    enum postgres_use use = postgres_lock_use(cluster->data);
    if (use == POSTGRES_RUNNING || use == POSTGRES_LEFTOVERS)
        return true; // for PostgreSQL to say
    return (use != POSTGRES_STALE ||
            remove_file(arena_printf(cluster->arena, "%s/postmaster.pid", cluster->data))) &&
           remove_file(arena_printf(cluster->arena, "%s/.s.PGSQL.5432.lock", cluster->folder));
}

int cli_postgres(int argc, char **argv)
{
    int usage = cli_no_arguments(argc, argv);
    if (usage)
        return usage;
    struct config *config CLEANUP(config_free_cleanup) = cli_config("postgres");
    if (!config)
        return CLI_BAD_CONFIG;
    struct arena *arena = config->arena;
    struct cluster cluster = {
        .arena = arena,
        .config = config,
        .folder = arena_printf(arena, "%s/postgres", config->state_dir),
        .data = arena_printf(arena, "%s/postgres/data", config->state_dir),
        .partial = arena_printf(arena, "%s/postgres/data.partial", config->state_dir),
        .bin = find_bin(arena),
    };
    // Each step says what is wrong. Only the making of a cluster may go better the next time.
    if (!cluster.bin || !check_socket_path(&cluster) || !enter_folder(&cluster))
        return CLI_BAD_CONFIG;
    if (!make_cluster(&cluster))
        return CLI_FAILED;
    if (!check_version(&cluster) || !write_settings(&cluster) || !remove_stale_locks(&cluster))
        return CLI_BAD_CONFIG;
    const char *server = arena_printf(arena, "%s/postgres", cluster.bin);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execl(server, server, "-D", cluster.data, NULL);
    complain_errno(server);
    return CLI_BAD_CONFIG;
}
