// The embedded PostgreSQL, for real: this program starts itself as a supervisor whose one service is `eventd postgres`,
// played by this program too.
#include "cli/postgres.h"

#include "cli/cli.h"
#include "cli/postgres_lock.h"
#include "lib/base/clock.h"
#include "lib/log/log.h"
#include "lib/supervise/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEADLINE_MS = 60000, POLL_MS = 10 };

static char state_dir[64], data_dir[128], partial_dir[192];
static struct config *config;
static pid_t supervisor;

// ------------------------------------------------------------------------------------- the other processes

static void tell_ready(void *)
{
    (void)!write(STDOUT_FILENO, "ready\n", strlen("ready\n"));
}

static int play_supervisor(void)
{
    struct config *own = cli_config("test");
    struct embedded_postgres postgres;
    if (!own)
        return 99;
    log_init("test", LOG_ERROR, LOG_TEXT);
    postgres_init(&postgres, own);
    const struct supervise_service services[] = {
        {.name = "postgres",
         .argv = (const char *const[]){"postgres_test", "postgres", NULL},
         .stop_signal = SIGINT,
         .may_start = postgres_may_start,
         .is_ready = postgres_is_ready,
         .data = &postgres},
    };
    const struct supervise_options options = {
        .services = services, .count = 1, .on_ready = tell_ready};
    int status = supervise_run(&options);
    config_free(own);
    return status;
}

// ------------------------------------------------------------------------------------------------- helpers

// Starts the supervisor; the descriptor tells "ready" and ends with it.
static int launch(void)
{
    int out[2];
    pid_t parent = getpid();
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    supervisor = fork();
    if (supervisor == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(1);
        dup2(out[1], STDOUT_FILENO);
        execl("/proc/self/exe", "postgres_test", "supervisor", NULL);
        _exit(127);
    }
    close(out[1]);
    return out[0];
}

static int wait_for_end(void)
{
    int status;
    assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
    supervisor = 0;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool becomes_ready(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    char byte;
    assert_int_equal(poll(&poll_fd, 1, DEADLINE_MS), 1);
    bool ready = read(fd, &byte, 1) == 1;
    close(fd);
    return ready;
}

static void start(void)
{
    assert_true(becomes_ready(launch()));
}

static void stop(void)
{
    kill(supervisor, SIGTERM);
    assert_int_equal(wait_for_end(), 0);
    assert_int_equal(postgres_lock_use(data_dir), POSTGRES_FREE);
}

// The first value of the answer; "" when the database is away.
static const char *ask(const char *sql)
{
    static char value[256];
    PGconn *conn = PQconnectdb(config_database_url(config));
    PGresult *result = PQexec(conn, sql);
    bool answered = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0;
    if (PQstatus(conn) == CONNECTION_OK && !answered && PQresultStatus(result) != PGRES_COMMAND_OK)
        fprintf(stderr, "%s", PQerrorMessage(conn));
    snprintf(value, sizeof value, "%s", answered ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(conn);
    return value;
}

static void pause_ms(void)
{
    poll(NULL, 0, POLL_MS);
}

static pid_t postmaster(void)
{
    struct postgres_lock lock;
    return postgres_lock_read(data_dir, &lock) ? lock.pid : 0;
}

static void wait_for_new_postmaster(pid_t old)
{
    uint64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
    while (postmaster() == old || strcmp(ask("select 1"), "1") != 0) {
        assert_true(clock_monotonic_ms() < deadline);
        pause_ms();
    }
}

// As whom the server runs; NULL: as ourselves.
static const struct passwd *server_user(void)
{
    return geteuid() == 0 ? getpwnam("postgres") : NULL;
}

static void give_away(const char *path)
{
    const struct passwd *user = server_user();
    assert_true(!user || chown(path, user->pw_uid, user->pw_gid) == 0);
}

// A file of the server's user.
static void write_text(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    give_away(path);
}

static int remove_entry(const char *path, const struct stat *, int, struct FTW *)
{
    return remove(path);
}

static int prepare(void **)
{
    struct error error = {0};
    snprintf(state_dir, sizeof state_dir, "/tmp/eventd-postgres-XXXXXX");
    if (!mkdtemp(state_dir) || chmod(state_dir, 0755) != 0)
        return -1;
    snprintf(data_dir, sizeof data_dir, "%s/postgres/data", state_dir);
    snprintf(partial_dir, sizeof partial_dir, "%s.partial", data_dir);
    setenv("STATE_DIR", state_dir, 1);
    unsetenv("DATABASE_URL");
    return config_load(&config, &error);
}

static int clean_up(void **)
{
    if (supervisor) {
        kill(supervisor, SIGTERM);
        waitpid(supervisor, NULL, 0);
    }
    config_free(config);
    return nftw(state_dir, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
}

// --------------------------------------------------------------------------------------------------- tests

static void an_interrupted_first_start_is_made_good(void **)
{
    char folder[128];
    // As a killed initdb leaves it: half a cluster under the name of no cluster.
    snprintf(folder, sizeof folder, "%s/postgres", state_dir);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(mkdir(partial_dir, 0700), 0);
    write_text(partial_dir, "PG_VERSION", "17\n");
    give_away(partial_dir);
    start();
    assert_int_equal(access(partial_dir, F_OK), -1);
}

static void the_cluster_is_as_we_want_it(void **)
{
    static const struct {
        const char *sql, *answer;
    } cases[] = {
        {"select current_user || ' ' || current_database()", "eventd events"},
        {"show server_encoding", "UTF8"},
        {"select datlocprovider::text || ' ' || datlocale from pg_database where datname = "
         "'events'",
         "b C.UTF-8"},
        {"show listen_addresses", ""},
        {"show data_checksums", "on"},
        {"show shared_preload_libraries", "pg_stat_statements,age"},
        {"show log_min_duration_statement", "500ms"},
        {"show synchronous_commit", "on"},
        {"show default_text_search_config", "pg_catalog.english"},
        {"select string_agg(unnest::text, ' ') from unnest(array['ä', 'Z', 'a'])", "ä Z a"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(ask(cases[i].sql), cases[i].answer);
}

static void the_extensions_work_in_a_plain_session(void **)
{
    ask("create extension age; create extension vector; create extension pg_trgm; "
        "create extension unaccent; create extension pg_stat_statements");
    assert_string_equal(ask("select (count(*) > 0)::text from pg_stat_statements"), "true");
    assert_string_equal(ask("select '[1,2]'::vector <-> '[1,3]'"), "1");
    ask("select ag_catalog.create_graph('graph')");
    assert_string_equal(ask("select * from ag_catalog.cypher('graph', $$ return 42 $$) "
                            "as (a ag_catalog.agtype)"),
                        "42");
}

static void others_may_not_enter(void **)
{
    char folder[128];
    struct stat st;
    snprintf(folder, sizeof folder, "%s/postgres", state_dir);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void a_killed_postmaster_comes_back(void **)
{
    ask("create table kept as select 1 as n");
    for (int i = 0; i < 2; i++) {
        pid_t old = postmaster();
        kill(old, SIGKILL);
        wait_for_new_postmaster(old);
        assert_string_equal(ask("select n from kept"), "1");
    }
}

static void a_killed_backend_is_no_end(void **)
{
    pid_t old = postmaster();
    pid_t backend = (pid_t)atoi(ask("select pid from pg_stat_activity where backend_type = "
                                    "'background writer'"));
    assert_true(backend > 0);
    kill(backend, SIGKILL);
    uint64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
    while (strcmp(ask("select n from kept"), "1") != 0) {
        assert_true(clock_monotonic_ms() < deadline);
        pause_ms();
    }
    assert_int_equal(postmaster(), old);
}

static void what_was_written_is_there_after_a_restart(void **)
{
    stop();
    start();
    assert_string_equal(ask("select n from kept"), "1");
}

static void the_server_ends_with_a_killed_supervisor(void **)
{
    pid_t old = postmaster();
    kill(supervisor, SIGKILL);
    waitpid(supervisor, NULL, 0);
    // At once: the new one waits for the old one's end.
    start();
    assert_int_not_equal(postmaster(), old);
    assert_string_equal(ask("select n from kept"), "1");
}

static void both_killed_at_once_is_no_obstacle(void **)
{
    pid_t old = postmaster();
    kill(supervisor, SIGKILL);
    kill(old, SIGKILL);
    waitpid(supervisor, NULL, 0);
    start();
    assert_int_not_equal(postmaster(), old);
    assert_string_equal(ask("select n from kept"), "1");
}

// A process of the user that the server runs as, at work elsewhere.
static pid_t start_bystander(void)
{
    const struct passwd *user = server_user();
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        if (user && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
            _exit(1);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || chdir("/tmp") != 0)
            _exit(1);
        execl("/bin/sleep", "sleep", "600", NULL);
        _exit(127);
    }
    return pid;
}

static void a_number_that_was_given_out_again_does_not_block(void **)
{
    char text[512], folder[128];
    stop();
    pid_t bystander = start_bystander();
    snprintf(folder, sizeof folder, "%s/postgres", state_dir);
    snprintf(text, sizeof text, "%d\n%s\n1600000000\n5432\n%s\n\n  9999999   9999999\nready   \n",
             (int)bystander, data_dir, folder);
    write_text(data_dir, "postmaster.pid", text);
    write_text(folder, ".s.PGSQL.5432.lock", text);
    uint64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
    while (postgres_lock_use(data_dir) != POSTGRES_STALE) { // until it has become that user's
        assert_true(clock_monotonic_ms() < deadline);
        pause_ms();
    }
    start();
    assert_string_equal(ask("select n from kept"), "1");
    assert_int_equal(kill(bystander, SIGKILL), 0);
    waitpid(bystander, NULL, 0);
}

static void a_cluster_of_another_version_is_refused(void **)
{
    char path[256];
    stop();
    snprintf(path, sizeof path, "%s/PG_VERSION", data_dir);
    write_text(data_dir, "PG_VERSION", "16\n");
    assert_false(becomes_ready(launch()));
    assert_int_equal(wait_for_end(), 1);
    write_text(data_dir, "PG_VERSION", "17\n");
    start();
    stop();
}

static void a_folder_that_is_too_deep_is_refused(void **)
{
    char long_dir[200];
    snprintf(long_dir, sizeof long_dir, "%s/%0*d", state_dir, 100, 0);
    setenv("STATE_DIR", long_dir, 1);
    assert_false(becomes_ready(launch()));
    assert_int_equal(wait_for_end(), 1);
    setenv("STATE_DIR", state_dir, 1);
    assert_int_equal(access(long_dir, F_OK), -1);
}

static void an_unreachable_folder_is_refused(void **)
{
    if (geteuid() != 0) // as an ordinary user it is simply our own
        skip();
    chmod(state_dir, 0700);
    assert_false(becomes_ready(launch()));
    assert_int_equal(wait_for_end(), 1);
    chmod(state_dir, 0755);
}

static void the_lock_file_is_read_while_it_is_written(void **)
{
    char folder[128];
    struct postgres_lock lock;
    snprintf(folder, sizeof folder, "%s/elsewhere", state_dir);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(postgres_lock_use(folder), POSTGRES_FREE);
    write_text(folder, "postmaster.pid", "");
    assert_false(postgres_lock_read(folder, &lock));
    write_text(folder, "postmaster.pid", "12");
    assert_true(postgres_lock_read(folder, &lock));
    assert_true(lock.pid == 12 && !lock.ready && lock.shm_id == -1);
    write_text(folder, "postmaster.pid", "-34\n/x\n55\n5432\n/s\n\n 7 8\nstarting\n");
    assert_true(postgres_lock_read(folder, &lock));
    assert_true(lock.pid == 34 && lock.started_s == 55 && lock.shm_key == 7 && lock.shm_id == 8);
    assert_false(lock.ready);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupted_first_start_is_made_good),
        cmocka_unit_test(the_cluster_is_as_we_want_it),
        cmocka_unit_test(the_extensions_work_in_a_plain_session),
        cmocka_unit_test(others_may_not_enter),
        cmocka_unit_test(a_killed_postmaster_comes_back),
        cmocka_unit_test(a_killed_backend_is_no_end),
        cmocka_unit_test(what_was_written_is_there_after_a_restart),
        cmocka_unit_test(the_server_ends_with_a_killed_supervisor),
        cmocka_unit_test(both_killed_at_once_is_no_obstacle),
        cmocka_unit_test(a_number_that_was_given_out_again_does_not_block),
        cmocka_unit_test(a_cluster_of_another_version_is_refused),
        cmocka_unit_test(a_folder_that_is_too_deep_is_refused),
        cmocka_unit_test(an_unreachable_folder_is_refused),
        cmocka_unit_test(the_lock_file_is_read_while_it_is_written),
    };
    if (argc == 2 && strcmp(argv[1], "supervisor") == 0)
        return play_supervisor();
    if (argc == 2 && strcmp(argv[1], "postgres") == 0)
        return cli_postgres(argc - 1, argv + 1);
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
