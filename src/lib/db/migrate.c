#include "lib/db/migrate.h"

#include "lib/base/ensure.h"

#include <string.h>

// The lock is the transaction's: nothing to give back after a crash, and poolers do not mind. The
// number is "eventd" read as bytes.
#define LOCK "select pg_advisory_xact_lock(111559182283876)"
#define CREATE_TABLE                                \
    "create table if not exists schema_migrations(" \
    "  version int primary key,"                    \
    "  name text not null,"                         \
    "  sha256 text not null,"                       \
    "  applied_at timestamptz not null default now())"

static const struct db_statement table_exists = {
    .name = "schema_migrations/exists",
    .fragments =
        &(const struct db_fragment){
            .text = "select to_regclass('schema_migrations') is not null as present"},
    .fragment_count = 1,
};

static const struct db_statement list_applied = {
    .name = "schema_migrations/list",
    .fragments = &(const struct db_fragment){.text = "select version, name, sha256 "
                                                     "from schema_migrations order by version"},
    .fragment_count = 1,
};

static const struct db_param record_params[] = {
    {.name = "version", .type = "int"},
    {.name = "name", .type = "text"},
    {.name = "sha256", .type = "text"},
};
static const struct db_statement record = {
    .name = "schema_migrations/record",
    .params = record_params,
    .param_count = ARRAY_LEN(record_params),
    .fragments = &(const struct db_fragment){.text = "insert into schema_migrations(version, name, "
                                                     "sha256) values (:version, :name, :sha256)"},
    .fragment_count = 1,
};

struct plan {
    struct db_session *session;
    const struct db_migration *migrations;
    size_t count;
};

static enum err check_applied(const struct db_rows *rows, size_t row,
                              const struct db_migration *expected, struct error *ret_error)
{
    struct slice name = db_rows_text(rows, row, 1), sha256 = db_rows_text(rows, row, 2);
    int64_t version = db_rows_int(rows, row, 0);
    if (version != expected->version)
        return error_set(ret_error, ERR_SCHEMA_REFUSED,
                         "the database has migration %lld (%.*s) but not %s: "
                         "its table schema_migrations was changed by hand",
                         (long long)version, SLICE_FMT(name), expected->name);
    if (!slice_equal(name, slice_from_cstr(expected->name)) ||
        !slice_equal(sha256, slice_from_cstr(expected->sha256)))
        return error_set(ret_error, ERR_SCHEMA_REFUSED,
                         "migration %s is not the text that was applied to this database as %.*s: "
                         "restore that text and put the change into a new migration",
                         expected->name, SLICE_FMT(name));
    return ERR_OK;
}

// How many of the plan the database has; they are its first ones, with the same texts.
static enum err count_applied(const struct plan *plan, size_t *ret_applied, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err = db_session_query(plan->session, &list_applied, NULL, &rows, ret_error);
    if (err)
        return err;
    *ret_applied = db_rows_count(rows);
    for (size_t i = 0; i < *ret_applied && i < plan->count && !err; i++)
        err = check_applied(rows, i, &plan->migrations[i], ret_error);
    if (err || *ret_applied <= plan->count)
        return err;
    struct slice newest = db_rows_text(rows, *ret_applied - 1, 1);
    return error_set(ret_error, ERR_SCHEMA_REFUSED,
                     "the database is newer than this program: it has migration %.*s, the program "
                     "knows %zu; use a newer program",
                     SLICE_FMT(newest), plan->count);
}

static enum err record_applied(struct db_session *session, const struct db_migration *migration,
                               struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    struct db_value values[] = {db_int(arena, migration->version), db_cstr(migration->name),
                                db_cstr(migration->sha256)};
    return db_session_query(session, &record, values, NULL, ret_error);
}

static enum err apply(struct db_session *session, const struct db_migration *migration,
                      struct error *ret_error)
{
    struct error error = {0};
    enum err err = db_session_script(session, migration->sql, &error);
    if (err)
        return error_set(ret_error, err, "migration %s: %s", migration->name, error.detail);
    err = db_session_script(session, "reset all", ret_error);
    return err ? err : record_applied(session, migration, ret_error);
}

// One transaction: the next missing one, looked up under the lock. ret_applied: NULL when nothing
// is missing.
static enum err apply_next(const struct plan *plan, const struct db_migration **ret_applied,
                           struct error *ret_error)
{
    *ret_applied = NULL;
    enum err err = db_session_begin(plan->session, ret_error);
    if (!err)
        err = db_session_script(plan->session, LOCK "; " CREATE_TABLE, ret_error);
    size_t applied = 0;
    if (!err)
        err = count_applied(plan, &applied, ret_error);
    const struct db_migration *next = applied < plan->count ? &plan->migrations[applied] : NULL;
    if (!err && next)
        err = apply(plan->session, next, ret_error);
    if (!err)
        err = db_session_commit(plan->session, ret_error);
    if (err)
        db_session_rollback(plan->session);
    else
        *ret_applied = next;
    return err;
}

static void check_plan(const struct db_migration *migrations, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ensure(migrations[i].version == (int)i + 1);
}

enum err db_migrate_these(struct db_session *session, const struct db_migration *migrations,
                          size_t count, void (*applied)(void *, const struct db_migration *),
                          void *data, struct error *ret_error)
{
    check_plan(migrations, count);
    struct plan plan = {session, migrations, count};
    for (;;) {
        const struct db_migration *done;
        enum err err = apply_next(&plan, &done, ret_error);
        if (err || !done)
            return err;
        if (applied)
            applied(data, done);
    }
}

enum err db_migrate_these_pending(struct db_session *session, const struct db_migration *migrations,
                                  size_t count, size_t *ret_pending, struct error *ret_error)
{
    check_plan(migrations, count);
    *ret_pending = count;
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err = db_session_query(session, &table_exists, NULL, &rows, ret_error);
    if (err || !db_rows_bool(rows, 0, 0))
        return err;
    size_t applied = 0;
    err = count_applied(&(struct plan){session, migrations, count}, &applied, ret_error);
    if (!err)
        *ret_pending = count - applied;
    return err;
}

enum err db_migrate(struct db_session *session,
                    void (*applied)(void *, const struct db_migration *), void *data,
                    struct error *ret_error)
{
    return db_migrate_these(session, db_migrations, db_migration_count, applied, data, ret_error);
}

enum err db_migrate_pending(struct db_session *session, size_t *ret_pending,
                            struct error *ret_error)
{
    return db_migrate_these_pending(session, db_migrations, db_migration_count, ret_pending,
                                    ret_error);
}
