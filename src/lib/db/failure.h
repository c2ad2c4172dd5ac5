// What PostgreSQL says went wrong, as an error of ours. One table from SQLSTATE to enum err
// (PostgreSQL documentation, appendix A), used by the blocking and the asynchronous side.
#pragma once

#include "lib/base/error.h"

#include <libpq-fe.h>
#include <stdbool.h>

// A result that is an error: "23505: events/insert_event: duplicate key …". what names the
// statement or the action. With the text of a script, the line of a mistake is named too (script
// may be NULL).
enum err db_failure_of_result(const PGresult *result, const char *what, const char *script,
                              struct error *ret_error);
// The connection could not be made (08001) or was lost (08006), with libpq's reason.
enum err db_failure_of_connect(const PGconn *conn, struct error *ret_error);
enum err db_failure_of_loss(const PGconn *conn, const char *what, struct error *ret_error);
// Sent, and the answer never came: it may have happened or not (08007).
enum err db_failure_unknown_outcome(const char *what, struct error *ret_error);

// The server has ended, or is about to end, this connection with that error; or libpq found that it
// is gone.
bool db_failure_ends_connection(const PGresult *result);
// The statement did not start because its prepared form is gone or older than the schema; preparing
// it again helps.
bool db_failure_is_stale(const PGresult *result);
bool db_failure_is_cancel(const PGresult *result); // 57014
