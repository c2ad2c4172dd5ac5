// Statements by hand, for tests: one text, without conditions.
#pragma once

#include "lib/db/session.h"

// A statement with parameters of these types, named a, b, c …; it lives until the end of the
// program, and the same text gives the same statement.
const struct db_statement *sql_statement(const char *text, const char *types);

// Runs it and expects success.
struct db_rows *sql_rows(struct db_session *session, const char *text);
void sql_run(struct db_session *session, const char *text);
int64_t sql_int(struct db_session *session, const char *text); // the first value
