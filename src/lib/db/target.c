#include "lib/db/target.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/db/failure.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_CONNECT_TIMEOUT_MS = 3000, MAX_PARAMETERS = 16 };

struct db_target {
    char *url, *application_name, *server_options;
    char timeout_text[16], timeout_seconds_text[16];
    uint32_t timeout_ms, hosts;
    bool valid;
};

static char *copy(const char *text)
{
    char *copied = strdup(text);
    ensure(copied != NULL);
    return copied;
}

static uint32_t count_hosts(const PQconninfoOption *settings)
{
    uint32_t hosts = 1;
    for (const PQconninfoOption *setting = settings; setting->keyword; setting++) {
        if (strcmp(setting->keyword, "host") != 0 && strcmp(setting->keyword, "hostaddr") != 0)
            continue;
        uint32_t named = 1;
        for (const char *p = setting->val ? setting->val : ""; *p; p++)
            named += *p == ',';
        if (named > hosts)
            hosts = named;
    }
    return hosts;
}

// Our connections think in UTC, so that a cast between date, timestamp and text means the same on
// every server. An address that has options of its own is served behind ours: the later one counts.
static char *server_options(const PQconninfoOption *settings)
{
    const char *own = "";
    for (const PQconninfoOption *setting = settings; setting->keyword; setting++)
        if (strcmp(setting->keyword, "options") == 0 && setting->val)
            own = setting->val;
    char *text;
    // PgBouncer does not take a space at the end.
    ensure(asprintf(&text, "-c TimeZone=UTC%s%s", *own ? " " : "", own) >= 0);
    return text;
}

struct db_target *db_target_new(const struct db_options *options)
{
    ensure(options->url != NULL);
    struct db_target *target = calloc(1, sizeof *target);
    ensure(target != NULL);
    target->url = copy(options->url);
    target->application_name = copy(options->application_name ? options->application_name : "");
    target->timeout_ms =
        options->connect_timeout_ms ? options->connect_timeout_ms : DEFAULT_CONNECT_TIMEOUT_MS;
    snprintf(target->timeout_text, sizeof target->timeout_text, "%u", target->timeout_ms);
    snprintf(target->timeout_seconds_text, sizeof target->timeout_seconds_text, "%u",
             (target->timeout_ms + 999) / 1000);
    PQconninfoOption *settings = PQconninfoParse(options->url, NULL);
    target->valid = settings != NULL;
    if (settings) {
        target->hosts = count_hosts(settings);
        target->server_options = server_options(settings);
        PQconninfoFree(settings);
    }
    return target;
}

void db_target_free(struct db_target *target)
{
    if (!target)
        return;
    free(target->url);
    free(target->application_name);
    free(target->server_options);
    free(target);
}

uint32_t db_target_connect_timeout_ms(const struct db_target *target)
{
    return target->timeout_ms * target->hosts;
}

static void ignore_notice(void *, const PGresult *)
{
}

// What stands before dbname are our defaults, which the address may override; what stands behind it
// is ours.
static PGconn *start(const struct db_target *target)
{
    const char *const pairs[][2] = {
        {"fallback_application_name", target->application_name},
        {"client_encoding", "UTF8"},
        // A host that does not answer at all is given up after this long, while connecting and
        // later.
        {"tcp_user_timeout", target->timeout_text},
        {"connect_timeout", target->timeout_seconds_text}, // of cancel requests
        {"keepalives", "1"},
        {"keepalives_idle", "30"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"gssencmode", "disable"},
        {"dbname", target->url},
        {"options", target->server_options},
    };
    static_assert(ARRAY_LEN(pairs) < MAX_PARAMETERS);
    const char *keywords[MAX_PARAMETERS] = {0}, *values[MAX_PARAMETERS] = {0};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        keywords[i] = pairs[i][0];
        values[i] = pairs[i][1];
    }
    PGconn *conn = PQconnectStartParams(keywords, values, 1);
    ensure(conn != NULL);
    PQsetNoticeReceiver(conn, ignore_notice, NULL);
    return conn;
}

PGconn *db_target_start(const struct db_target *target, struct error *ret_error)
{
    if (!target->valid) {
        error_set(ret_error, ERR_CONFIG_INVALID,
                  "the database address is not one of PostgreSQL's "
                  "(postgresql://user@host/name or key=value)");
        return NULL;
    }
    PGconn *conn = start(target);
    if (PQstatus(conn) != CONNECTION_BAD)
        return conn;
    db_failure_of_connect(conn, ret_error);
    PQfinish(conn);
    return NULL;
}

// Waits until the socket is ready for the next step; false when the time is over.
static bool await_step(const PGconn *conn, PostgresPollingStatusType wanted, uint64_t deadline)
{
    for (;;) {
        uint64_t now = clock_monotonic_ms();
        if (now >= deadline)
            return false;
        struct pollfd fd = {PQsocket(conn), wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT, 0};
        int ready = poll(&fd, 1, (int)(deadline - now));
        ensure(ready >= 0 || errno == EINTR);
        if (ready > 0)
            return true;
    }
}

enum err db_target_open(const struct db_target *target, PGconn **ret_conn, struct error *ret_error)
{
    struct error error = {0};
    PGconn *conn = db_target_start(target, &error);
    if (!conn)
        return error_set(ret_error, error.code, "%s", error.detail);
    uint32_t timeout_ms = db_target_connect_timeout_ms(target);
    uint64_t deadline = clock_monotonic_ms() + timeout_ms;
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK && wanted != PGRES_POLLING_FAILED) {
        if (!await_step(conn, wanted, deadline)) {
            PQfinish(conn);
            return error_set(ret_error, ERR_DATABASE_UNAVAILABLE,
                             "08001: the server did not answer within %u ms", timeout_ms);
        }
        wanted = PQconnectPoll(conn);
    }
    if (wanted == PGRES_POLLING_FAILED) {
        db_failure_of_connect(conn, &error);
        PQfinish(conn);
        return error_set(ret_error, error.code, "%s", error.detail);
    }
    *ret_conn = conn;
    return ERR_OK;
}
