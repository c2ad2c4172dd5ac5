#include "lib/db/session.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/db/failure.h"
#include "lib/db/observe.h"
#include "lib/db/rows_result.h"
#include "lib/db/session_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum {
    CANCEL_GRACE_MS = 2000, // how long a cancelled statement may take to end
    MAX_SQL_BYTES = 4 * 1024 * 1024,
};

struct db_session *db_session_new(const struct db_options *options)
{
    struct db_session *session = calloc(1, sizeof *session);
    ensure(session != NULL);
    session->target = db_target_new(options);
    session->statement_timeout_ms = options->statement_timeout_ms;
    return session;
}

static void disconnect(struct db_session *session)
{
    PQfinish(session->conn);
    session->conn = NULL;
    db_variants_clear(&session->variants);
}

void db_session_free(struct db_session *session)
{
    if (!session)
        return;
    disconnect(session);
    for (size_t i = 0; i < session->channel_count; i++)
        free(session->channels[i]);
    db_target_free(session->target);
    free(session);
}

void session_lose(struct db_session *session)
{
    disconnect(session);
    if (session->transaction == SESSION_INSIDE)
        session->transaction = SESSION_LOST;
}

enum err session_open(struct db_session *session, struct error *ret_error)
{
    if (session->conn)
        return ERR_OK;
    if (session->transaction != SESSION_OUTSIDE)
        return error_set(ret_error, ERR_DATABASE_UNAVAILABLE,
                         "08003: the connection was lost in this transaction");
    enum err err = db_target_open(session->target, &session->conn, ret_error);
    return err ? err : session_listen_all(session, ret_error);
}

// Reads until a result can be taken without waiting. False when the deadline (0: none) has passed.
static bool await_result(PGconn *conn, uint64_t deadline)
{
    while (PQisBusy(conn)) {
        int timeout_ms = -1;
        if (deadline) {
            uint64_t now = clock_monotonic_ms();
            if (now >= deadline)
                return false;
            timeout_ms = (int)(deadline - now);
        }
        struct pollfd fd = {PQsocket(conn), POLLIN, 0};
        int ready = poll(&fd, 1, timeout_ms);
        ensure(ready >= 0 || errno == EINTR);
        if (ready > 0 && !PQconsumeInput(conn))
            return true; // broken: PQgetResult says so
    }
    return true;
}

// Asks the server to stop what it does; returns when the request was delivered, or could not be.
static void cancel(PGconn *conn)
{
    PGcancelConn *request = PQcancelCreate(conn);
    PQcancelBlocking(request);
    PQcancelFinish(request);
}

static bool is_failure(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

static bool is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

// Waits for all results of what was sent and keeps the last one, or the first failure. Too late, it
// is cancelled; when even that is not answered, the connection is given up. NULL with an error when
// there is no result.
static PGresult *collect(struct db_session *session, const char *what, uint32_t timeout_ms,
                         struct error *ret_error)
{
    PGresult *kept = NULL;
    uint64_t deadline = timeout_ms ? clock_monotonic_ms() + timeout_ms : 0;
    bool cancelled = false;
    for (;;) {
        if (!await_result(session->conn, deadline)) {
            if (cancelled) {
                PQclear(kept);
                session_lose(session);
                error_set(ret_error, ERR_TIMEOUT, "57014: %s: no answer, not even to a cancel",
                          what);
                return NULL;
            }
            cancel(session->conn);
            cancelled = true;
            deadline = clock_monotonic_ms() + CANCEL_GRACE_MS;
            continue;
        }
        PGresult *result = PQgetResult(session->conn);
        if (!result)
            break;
        bool copy = is_copy(result);
        if (kept && is_failure(kept)) {
            PQclear(result);
        } else {
            PQclear(kept);
            kept = result;
        }
        if (copy) // would wait for data for ever
            break;
    }
    if (!kept) {
        db_failure_of_loss(session->conn, what, ret_error);
        session_lose(session);
    }
    return kept;
}

// Sent (or not), now its answer.
static enum err finish(struct db_session *session, int sent, const char *what, const char *script,
                       uint32_t timeout_ms, PGresult **ret_result, struct error *ret_error)
{
    *ret_result = NULL;
    struct error error = {0};
    if (!sent) {
        db_failure_of_loss(session->conn, what, &error);
        session_lose(session);
        return error_set(ret_error, error.code, "%s", error.detail);
    }
    PGresult *result = collect(session, what, timeout_ms, &error);
    if (!result)
        return error_set(ret_error, error.code, "%s", error.detail);
    *ret_result = result;
    if (is_copy(result)) {
        session_lose(session);
        return error_set(ret_error, ERR_DATABASE_ERROR, "0A000: %s: COPY is not supported", what);
    }
    if (!is_failure(result))
        return ERR_OK;
    enum err err = db_failure_of_result(result, what, script, ret_error);
    if (db_failure_ends_connection(result) || PQstatus(session->conn) == CONNECTION_BAD)
        session_lose(session);
    return err;
}

enum err session_execute(struct db_session *session, const char *sql, const char *what, bool script,
                         uint32_t timeout_ms, struct error *ret_error)
{
    PGresult *result;
    enum err err = finish(session, PQsendQuery(session->conn, sql), what, script ? sql : NULL,
                          timeout_ms, &result, ret_error);
    PQclear(result);
    return err;
}

static enum err close_surplus(struct db_session *session, struct error *ret_error)
{
    struct db_variant *surplus = db_variants_surplus(&session->variants);
    if (!surplus)
        return ERR_OK;
    PGresult *result;
    enum err err =
        finish(session, PQsendClosePrepared(session->conn, surplus->name), surplus->statement->name,
               NULL, session->statement_timeout_ms, &result, ret_error);
    PQclear(result);
    if (!err)
        db_variants_drop(&session->variants, surplus);
    return err;
}

static enum err find_or_prepare(struct db_session *session, const struct db_statement *statement,
                                uint64_t mask, struct db_variant **ret_variant,
                                struct error *ret_error)
{
    *ret_variant = db_variants_find(&session->variants, statement, mask);
    if (*ret_variant)
        return ERR_OK;
    enum err err = close_surplus(session, ret_error);
    if (err)
        return err;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(MAX_SQL_BYTES);
    char *sql;
    struct db_variant *variant = db_variants_add(&session->variants, statement, mask, arena, &sql);
    PGresult *result;
    err = finish(session, PQsendPrepare(session->conn, variant->name, sql, 0, NULL),
                 statement->name, NULL, session->statement_timeout_ms, &result, ret_error);
    PQclear(result);
    if (!err)
        *ret_variant = variant;
    else if (session->conn) // a lost connection has dropped them all
        db_variants_drop(&session->variants, variant);
    return err;
}

static enum err run(struct db_session *session, const struct db_statement *statement,
                    const char *const *texts, uint64_t mask, bool *ret_stale, PGresult **ret_result,
                    struct error *ret_error)
{
    *ret_stale = false;
    *ret_result = NULL;
    enum err err = session_open(session, ret_error);
    if (err)
        return err;
    struct db_variant *variant;
    err = find_or_prepare(session, statement, mask, &variant, ret_error);
    if (err)
        return err;
    const char *bound[DB_MAX_PARAMS];
    db_variant_bind(variant, texts, bound);
    int sent = PQsendQueryPrepared(session->conn, variant->name, variant->param_count, bound, NULL,
                                   NULL, 1);
    err = finish(session, sent, statement->name, NULL, session->statement_timeout_ms, ret_result,
                 ret_error);
    if (err && *ret_result && session->conn && db_failure_is_stale(*ret_result)) {
        db_variants_drop(&session->variants, variant);
        // A transaction has failed with it; outside of one nothing has happened yet.
        *ret_stale = session->transaction == SESSION_OUTSIDE;
    }
    return err;
}

enum err db_session_query(struct db_session *session, const struct db_statement *statement,
                          const struct db_value *values, struct db_rows **ret_rows,
                          struct error *ret_error)
{
    if (ret_rows)
        *ret_rows = NULL;
    enum err err = db_values_check(statement, values, ret_error);
    if (err)
        return err;
    uint64_t mask = db_variant_mask(statement, values);
    const char *texts[DB_MAX_PARAMS];
    char *storage = malloc(db_values_size(statement, values) + 1);
    ensure(storage != NULL);
    db_values_copy(statement, values, storage, texts);
    bool stale = true;
    uint64_t started_ns = clock_monotonic_ns();
    PGresult *result = NULL;
    for (int attempt = 0; attempt < 2 && stale; attempt++) {
        PQclear(result);
        err = run(session, statement, texts, mask, &stale, &result, ret_error);
    }
    free(storage);
    db_tell_observer(statement->name, started_ns, err, db_request());
    if (!err && ret_rows)
        *ret_rows = db_rows_from_result(result);
    else
        PQclear(result);
    return err;
}

// A script that begins or ends transactions by itself would leave our idea of where we are wrong.
static enum err check_balance(struct db_session *session, struct error *ret_error)
{
    PGTransactionStatusType status = PQtransactionStatus(session->conn);
    if (session->transaction == SESSION_INSIDE && status == PQTRANS_IDLE)
        return error_set(ret_error, ERR_DATABASE_ERROR,
                         "2D000: the script ended the transaction that it ran in");
    if (session->transaction != SESSION_OUTSIDE || status == PQTRANS_IDLE)
        return ERR_OK;
    if (session_execute(session, "rollback", "script", false, 0, NULL) != ERR_OK)
        session_lose(session);
    return error_set(ret_error, ERR_DATABASE_ERROR,
                     "25001: the script left a transaction open; it was rolled back");
}

enum err db_session_script(struct db_session *session, const char *sql, struct error *ret_error)
{
    enum err err = session_open(session, ret_error);
    if (!err)
        err = session_execute(session, sql, "script", true, 0, ret_error);
    if (!session->conn)
        return err;
    enum err unbalanced = check_balance(session, err ? NULL : ret_error);
    return err ? err : unbalanced;
}

enum err db_session_begin(struct db_session *session, struct error *ret_error)
{
    ensure(session->transaction == SESSION_OUTSIDE);
    enum err err = session_open(session, ret_error);
    if (!err)
        err = session_execute(session, "begin", "begin", false, session->statement_timeout_ms,
                              ret_error);
    if (!err)
        session->transaction = SESSION_INSIDE;
    return err;
}

enum err db_session_commit(struct db_session *session, struct error *ret_error)
{
    ensure(session->transaction != SESSION_OUTSIDE);
    bool lost = session->transaction == SESSION_LOST;
    session->transaction = SESSION_OUTSIDE;
    if (lost)
        return error_set(ret_error, ERR_DATABASE_UNAVAILABLE,
                         "08003: the connection was lost before the commit; nothing was kept");
    // COMMIT of a failed transaction is answered with a friendly ROLLBACK.
    if (PQtransactionStatus(session->conn) == PQTRANS_INERROR) {
        if (session_execute(session, "rollback", "commit", false, 0, NULL) != ERR_OK)
            session_lose(session);
        return error_set(ret_error, ERR_DATABASE_ERROR,
                         "25P02: a statement of the transaction failed; it was rolled back");
    }
    enum err err = session_execute(session, "commit", "commit", false,
                                   session->statement_timeout_ms, ret_error);
    if (err && !session->conn)
        return db_failure_unknown_outcome("commit", ret_error);
    return err;
}

void db_session_rollback(struct db_session *session)
{
    bool inside = session->transaction == SESSION_INSIDE;
    session->transaction = SESSION_OUTSIDE;
    if (inside && session_execute(session, "rollback", "rollback", false, 0, NULL) != ERR_OK)
        session_lose(session);
}
