#include "lib/db/failure.h"

#include "lib/base/compiler.h"

#include <stdlib.h>
#include <string.h>

// The first row whose prefix fits.
static const struct {
    const char *prefix;
    enum err code;
} sqlstates[] = {
    {"08", ERR_DATABASE_UNAVAILABLE},    // connection exceptions
    {"57P", ERR_DATABASE_UNAVAILABLE},   // shutting down, starting up, terminated
    {"53300", ERR_DATABASE_UNAVAILABLE}, // too many connections
    {"25P03", ERR_DATABASE_UNAVAILABLE}, // idle in transaction for too long: disconnected
    {"57014", ERR_TIMEOUT},              // cancelled: statement_timeout, or by us
    {"25P04", ERR_TIMEOUT},              // transaction_timeout
    {"55P03", ERR_TIMEOUT},              // lock_timeout
    {"40", ERR_CONFLICT},                // serialization failure, deadlock
    {"23505", ERR_CONFLICT},             // unique violation
    {"23P01", ERR_CONFLICT},             // exclusion violation
};

static enum err code_of(const char *sqlstate)
{
    for (size_t i = 0; i < ARRAY_LEN(sqlstates); i++)
        if (strncmp(sqlstate, sqlstates[i].prefix, strlen(sqlstates[i].prefix)) == 0)
            return sqlstates[i].code;
    return ERR_DATABASE_ERROR;
}

static const char *field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}

// libpq's own messages have several lines, some of them indented.
static void one_line(const char *message, char *line, size_t size)
{
    size_t len = 0;
    for (const char *p = message + strspn(message, "\n\t "); *p && len + 1 < size; p++) {
        bool space = *p == '\n' || *p == '\t' || *p == ' ';
        if (!space || line[len - 1] != ' ')
            line[len++] = space ? ' ' : *p;
    }
    while (len > 0 && line[len - 1] == ' ')
        len--;
    line[len] = '\0';
}

// The line of a script that a position (in characters, from 1) is on; 0 when there is none.
static int line_of(const char *script, const char *position)
{
    long left = script ? strtol(position, NULL, 10) : 0;
    if (left <= 0)
        return 0;
    int line = 1;
    for (const char *p = script; *p && left > 1; p++) {
        if (*p == '\n')
            line++;
        // The byte that ends a character: the next one does not continue it.
        if (((unsigned char)p[1] & 0xc0) != 0x80)
            left--;
    }
    return line;
}

enum err db_failure_of_result(const PGresult *result, const char *what, const char *script,
                              struct error *ret_error)
{
    const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
    if (!*sqlstate) // made by libpq itself: the connection broke
        sqlstate = "08006";
    const char *message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    char text[256];
    one_line(*message ? message : PQresultErrorMessage(result), text, sizeof text);
    int line = line_of(script, field(result, PG_DIAG_STATEMENT_POSITION));
    if (line)
        return error_set(ret_error, code_of(sqlstate), "%s: %s, line %d: %s", sqlstate, what, line,
                         text);
    return error_set(ret_error, code_of(sqlstate), "%s: %s: %s", sqlstate, what, text);
}

enum err db_failure_of_connect(const PGconn *conn, struct error *ret_error)
{
    char line[256];
    one_line(PQerrorMessage(conn), line, sizeof line);
    return error_set(ret_error, ERR_DATABASE_UNAVAILABLE, "08001: %s", line);
}

enum err db_failure_of_loss(const PGconn *conn, const char *what, struct error *ret_error)
{
    char line[256];
    one_line(PQerrorMessage(conn), line, sizeof line);
    return error_set(ret_error, ERR_DATABASE_UNAVAILABLE, "08006: %s: %s", what,
                     *line ? line : "the connection was lost");
}

enum err db_failure_unknown_outcome(const char *what, struct error *ret_error)
{
    return error_set(ret_error, ERR_DATABASE_UNAVAILABLE,
                     "08007: %s: the connection was lost before the answer; the outcome is unknown",
                     what);
}

bool db_failure_ends_connection(const PGresult *result)
{
    const char *severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (!*severity) // only errors have one, except those that libpq makes itself
        return PQresultStatus(result) == PGRES_FATAL_ERROR;
    return strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

bool db_failure_is_stale(const PGresult *result)
{
    const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
    if (strcmp(sqlstate, "26000") == 0) // invalid_sql_statement_name
        return true;
    // "cached plan must not change result type" has no code of its own.
    return strcmp(sqlstate, "0A000") == 0 &&
           strcmp(field(result, PG_DIAG_SOURCE_FUNCTION), "RevalidateCachedQuery") == 0;
}

bool db_failure_is_cancel(const PGresult *result)
{
    return strcmp(field(result, PG_DIAG_SQLSTATE), "57014") == 0;
}
