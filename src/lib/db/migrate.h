// Forward-only migrations: sql/migrations/NNNN_name.sql, embedded at build, each run once in its own transaction
// under an advisory lock, its SHA-256 recorded in schema_migrations. A recorded migration whose text has changed, or a
// database that is newer than the program, is refused.
#pragma once

#include "lib/db/session.h"

struct db_migration {
    int version;
    const char *name; // "0001_schema"
    const char *sql;
    const char *sha256; // hexadecimal, of sql
};
extern const struct db_migration db_migrations[];
extern const size_t db_migration_count;

// Applies what is missing. applied(data, migration) is called after each; may be NULL.
MUST_CHECK enum err db_migrate(struct db_session *session,
                               void (*applied)(void *, const struct db_migration *), void *data,
                               struct error *ret_error);
// How many are missing, without changing anything.
MUST_CHECK enum err db_migrate_pending(struct db_session *session, size_t *ret_pending,
                                       struct error *ret_error);
// Prepares every statement (all of its single-parameter variants, none and all) on this session; the first that
// does not fit the schema is the error, with its name.
MUST_CHECK enum err db_check_statements(struct db_session *session, struct error *ret_error);
