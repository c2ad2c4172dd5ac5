// Forward-only migrations: sql/migrations/NNNN_name.sql, embedded at build, each run once in its
// own transaction under an advisory lock, its SHA-256 recorded in schema_migrations. A recorded
// migration whose text has changed, or a database that is newer than the program, is refused.
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

// Applies what is missing. applied(data, migration) is called after each; may be NULL. Processes
// that do it at the same time wait for each other, and each migration is applied once. What a
// migration sets for its session (search_path) is reset after it. ERR_SCHEMA_REFUSED: refused, the
// database and the program do not belong together.
MUST_CHECK enum err db_migrate(struct db_session *session,
                               void (*applied)(void *, const struct db_migration *), void *data,
                               struct error *ret_error);
// How many are missing, without changing anything.
MUST_CHECK enum err db_migrate_pending(struct db_session *session, size_t *ret_pending,
                                       struct error *ret_error);

// The same with a list of one's own, in the order of their versions 1, 2, 3 …
MUST_CHECK enum err db_migrate_these(struct db_session *session,
                                     const struct db_migration *migrations, size_t count,
                                     void (*applied)(void *, const struct db_migration *),
                                     void *data, struct error *ret_error);
MUST_CHECK enum err db_migrate_these_pending(struct db_session *session,
                                             const struct db_migration *migrations, size_t count,
                                             size_t *ret_pending, struct error *ret_error);

// Prepares every statement on this session: without optional parameters, with each of them alone,
// with all. The first that does not fit the schema, or has a column that rows.h cannot read, is the
// error, with its name.
MUST_CHECK enum err db_check_statements(struct db_session *session, struct error *ret_error);
MUST_CHECK enum err db_check_these(struct db_session *session,
                                   const struct db_statement *const *statements, size_t count,
                                   struct error *ret_error);
