// Blocking access to PostgreSQL, for worker threads and commands: straight-line code, one
// connection. Statements are prepared on first use and kept. A lost connection is an error once
// (ERR_DATABASE_UNAVAILABLE) and is opened again by the next call outside a transaction. Not
// thread-safe: one session a thread.
#pragma once

#include "lib/base/error.h"
#include "lib/db/rows.h"
#include "lib/db/statement.h"

struct db_session;

struct db_options {
    const char *url;               // libpq URL or key=value string; several hosts are fine
    const char *application_name;  // shown in pg_stat_activity
    uint32_t connect_timeout_ms;   // of one host; 0: 3 s
    uint32_t statement_timeout_ms; // 0: none; kept by a cancel request, so that poolers are fine
};

// Does not connect yet; the first call does.
struct db_session *db_session_new(const struct db_options *options);
void db_session_free(struct db_session *session);

// Runs a statement with its values (param_count of them, in the order of statement->params).
// ret_rows may be NULL. Errors: ERR_DATABASE_UNAVAILABLE (away, shutting down, too many
// connections), ERR_CONFLICT (serialization failure, deadlock, unique violation), ERR_TIMEOUT
// (statement timeout, lock timeout), ERR_DATABASE_ERROR, and ERR_CONFIG_INVALID for an address that
// cannot be read. The SQLSTATE is at the head of ret_error->detail ("23505: …").
MUST_CHECK enum err db_session_query(struct db_session *session,
                                     const struct db_statement *statement,
                                     const struct db_value *values, struct db_rows **ret_rows,
                                     struct error *ret_error);
// Several statements in one text, without parameters or rows: migrations. Without a time limit. Outside
// a transaction the text is one of its own; it may neither leave one open nor end the one it is in.
MUST_CHECK enum err db_session_script(struct db_session *session, const char *sql,
                                      struct error *ret_error);

MUST_CHECK enum err db_session_begin(struct db_session *session, struct error *ret_error);
// Fails, and has rolled back, when a statement of the transaction has failed. When the connection is
// lost before the answer, it may have been committed: ERR_DATABASE_UNAVAILABLE, "08007: …".
MUST_CHECK enum err db_session_commit(struct db_session *session, struct error *ret_error);
void db_session_rollback(
    struct db_session *session); // also after an error; no-op outside a transaction

// Subscribes to a channel; again by itself after a reconnect, and then the next wait says notified,
// because something may have been missed.
MUST_CHECK enum err db_session_listen(struct db_session *session, const char *channel,
                                      struct error *ret_error);
// Waits up to timeout_ms for a notification on any subscribed channel or for wake_fd (-1: none) to
// become readable. ret_notified tells whether a notification came; all that are waiting are taken
// off.
// A lost connection is an error, and the next call connects again.
MUST_CHECK enum err db_session_wait(struct db_session *session, int wake_fd, uint32_t timeout_ms,
                                    bool *ret_notified, struct error *ret_error);
