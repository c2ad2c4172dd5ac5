// Does every statement fit the schema? At start and in a test.
#include "lib/db/failure.h"
#include "lib/db/migrate.h"
#include "lib/db/session_internal.h"
#include "lib/db/sql_text.h"
#include "lib/db/type.h"

#include <stdio.h>
#include <string.h>

enum { MAX_WHAT = 128, MAX_SQL_BYTES = 4 * 1024 * 1024 };

// What a person needs to find the text: "events/list_events (with location)".
static void describe(const struct db_statement *statement, uint64_t mask, char what[MAX_WHAT])
{
    int single = mask && (mask & (mask - 1)) == 0 ? __builtin_ctzll(mask) : -1;
    if (single >= 0)
        snprintf(what, MAX_WHAT, "%s (with %s)", statement->name, statement->params[single].name);
    else
        snprintf(what, MAX_WHAT, "%s%s", statement->name, mask ? " (with all parameters)" : "");
}

// Each column needs a name of its own and a type that rows.c can read.
static enum err check_columns(const PGresult *description, const char *what,
                              struct error *ret_error)
{
    for (int i = 0; i < PQnfields(description); i++) {
        const char *name = PQfname(description, i);
        bool is_array;
        if (!db_type_find(PQftype(description, i), &is_array))
            return error_set(ret_error, ERR_DATABASE_ERROR,
                             "%s: column %s has a type without a JSON form (oid %u); cast it, "
                             "to text for instance",
                             what, name, PQftype(description, i));
        if (strcmp(name, "?column?") == 0)
            return error_set(ret_error, ERR_DATABASE_ERROR, "%s: column %d has no name", what,
                             i + 1);
        if (PQfnumber(description, name) >= 0 && PQfnumber(description, name) != i)
            return error_set(ret_error, ERR_DATABASE_ERROR, "%s: two columns are named %s", what,
                             name);
    }
    return ERR_OK;
}

static enum err failure(struct db_session *session, const PGresult *result, const char *what,
                        const char *sql, struct error *ret_error)
{
    enum err err = db_failure_of_result(result, what, sql, ret_error);
    if (db_failure_ends_connection(result) || PQstatus(session->conn) == CONNECTION_BAD)
        session_lose(session);
    return err;
}

static const struct db_statement list_volatile_functions = {
    .name = "check/volatile_functions",
    .fragments =
        &(const struct db_fragment){
            .text = "select distinct proname::text as name from pg_proc p "
                    "where provolatile = 'v' and pronamespace not in "
                    "('pg_catalog'::regnamespace, 'information_schema'::regnamespace) "
                    "and not exists (select from pg_depend d where d.deptype = 'e' "
                    "and d.classid = 'pg_proc'::regclass and d.objid = p.oid)"},
    .fragment_count = 1,
};

// One that changes something behind a select would be taken for a read.
static enum err check_calls(const struct db_rows *functions, const char *sql, const char *what,
                            struct error *ret_error)
{
    if (!sql_only_reads(sql))
        return ERR_OK;
    for (size_t row = 0; row < db_rows_count(functions); row++) {
        struct slice name = db_rows_text(functions, row, 0); // zero-terminated in its row
        if (sql_calls(sql, name.ptr))
            return error_set(ret_error, ERR_DATABASE_ERROR,
                             "%s: calls %s, which is volatile: say what it changes in the head of "
                             "the file (-- writes: …), or make the function stable",
                             what, name.ptr);
    }
    return ERR_OK;
}

// The unnamed prepared statement leaves nothing behind.
static enum err check_variant(struct db_session *session, const struct db_rows *functions,
                              const struct db_statement *statement, uint64_t mask,
                              struct error *ret_error)
{
    char what[MAX_WHAT];
    describe(statement, mask, what);
    enum err err = session_open(session, ret_error);
    if (err)
        return err;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(MAX_SQL_BYTES);
    int order[DB_MAX_PARAMS];
    size_t count;
    const char *sql = db_variant_text(arena, statement, mask, order, &count);
    PGresult *result = PQprepare(session->conn, "", sql, 0, NULL);
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        PQclear(result);
        result = PQdescribePrepared(session->conn, "");
    }
    err = PQresultStatus(result) == PGRES_COMMAND_OK
              ? check_columns(result, what, ret_error)
              : failure(session, result, what, sql, ret_error);
    PQclear(result);
    return err ? err : check_calls(functions, sql, what, ret_error);
}

static enum err check_statement(struct db_session *session, const struct db_rows *functions,
                                const struct db_statement *statement, struct error *ret_error)
{
    uint64_t all = 0, flags = 0;
    for (size_t i = 0; i < statement->param_count; i++)
        if (statement->params[i].optional)
            all |= (uint64_t)1 << i;
    for (size_t i = 0; i < statement->param_count; i++)
        if (strcmp(statement->params[i].type, "flag") == 0)
            flags |= (uint64_t)1 << i;
    enum err err = check_variant(session, functions, statement, 0, ret_error);
    for (uint64_t rest = all; rest && !err; rest &= rest - 1)
        err = check_variant(session, functions, statement, rest & -rest, ret_error);
    // Flags stand for the values of one choice: never all at once, but each with everything else.
    all &= ~flags;
    for (uint64_t rest = flags; rest && all && !err; rest &= rest - 1)
        err = check_variant(session, functions, statement, all | (rest & -rest), ret_error);
    return err || all == 0 ? err : check_variant(session, functions, statement, all, ret_error);
}

enum err db_check_these(struct db_session *session, const struct db_statement *const *statements,
                        size_t count, struct error *ret_error)
{
    struct db_rows *functions CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err = db_session_query(session, &list_volatile_functions, NULL, &functions, ret_error);
    for (size_t i = 0; i < count && !err; i++)
        err = check_statement(session, functions, statements[i], ret_error);
    return err;
}

enum err db_check_statements(struct db_session *session, struct error *ret_error)
{
    return db_check_these(session, db_statements, db_statement_count, ret_error);
}
