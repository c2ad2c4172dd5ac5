#include "lib/db/migrate.h"

#include "lib/base/digest.h"
#include "support/postgres.h"
#include "support/sql.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PROCESSES = 4 };

// Each test has a database of its own.
static struct db_session *admin, *session;
static char url[300];

static int setup(void **)
{
    static int number;
    if (!admin)
        admin = db_session_new(&(struct db_options){.url = postgres_url()});
    char sql[80];
    snprintf(sql, sizeof sql, "create database migrate_%d", ++number);
    sql_run(admin, sql);
    snprintf(url, sizeof url, "%s dbname=migrate_%d", postgres_url(), number);
    session = db_session_new(&(struct db_options){.url = url});
    return 0;
}

static int teardown(void **)
{
    db_session_free(session);
    return 0;
}

static int close_admin(void **)
{
    db_session_free(admin);
    return 0;
}

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct db_migration steps[] = {
    {1, "0001_people", "create table people(name text);\ninsert into people values ('Ada');\n",
     HASH_A},
    {2, "0002_pets", "create schema zoo; set search_path = zoo; create table pets(name text)",
     HASH_B},
    {3, "0003_more", "insert into people values ('Grace')", HASH_A},
};

static void remember(void *data, const struct db_migration *migration)
{
    char *names = data;
    strncat(names, migration->name, 200 - strlen(names) - 1);
    strncat(names, " ", 200 - strlen(names) - 1);
}

static void migrate(size_t count, const char *expected)
{
    char names[200] = "";
    struct error error = {0};
    if (db_migrate_these(session, steps, count, remember, names, &error))
        fail_msg("%s", error.detail);
    assert_string_equal(names, expected);
}

static size_t pending(size_t count)
{
    size_t missing;
    struct error error = {0};
    if (db_migrate_these_pending(session, steps, count, &missing, &error))
        fail_msg("%s", error.detail);
    return missing;
}

static void expect_refusal(const struct db_migration *migrations, size_t count, enum err expected,
                           const char *detail)
{
    struct error error = {0};
    enum err err = db_migrate_these(session, migrations, count, NULL, NULL, &error);
    if (err != expected || !strstr(error.detail, detail))
        fail_msg("%s: %s", error_info(err)->code, error.detail);
}

static void what_is_missing_is_applied(void **)
{
    assert_int_equal(pending(2), 2);
    assert_int_equal(sql_int(session, "select count(*) as n from pg_class "
                                      "where relname = 'schema_migrations'"),
                     0);
    migrate(2, "0001_people 0002_pets ");
    assert_int_equal(pending(2), 0);
    assert_int_equal(pending(3), 1);
    migrate(2, "");
    migrate(3, "0003_more ");
    assert_int_equal(sql_int(session, "select count(*) as n from public.people"), 2);
    assert_int_equal(sql_int(session, "select count(*) as n from schema_migrations "
                                      "where version between 1 and 3 and applied_at is not null"),
                     3);
}

static void what_a_migration_sets_is_reset(void **)
{
    migrate(2, "0001_people 0002_pets ");
    assert_int_equal(sql_int(session, "select (current_setting('search_path') not like '%zoo%' "
                                      "and current_setting('TimeZone') = 'UTC')::int as reset"),
                     1);
}

static void a_failing_migration_leaves_nothing(void **)
{
    const struct db_migration broken[] = {
        steps[0],
        {2, "0002_broken", "create table half(n int);\nselect 1/0", HASH_A},
        steps[2],
    };
    expect_refusal(broken, 3, ERR_DATABASE_ERROR,
                   "migration 0002_broken: 22012: script: division by zero");
    assert_int_equal(sql_int(session, "select count(*) as n from pg_class where relname = 'half'"),
                     0);
    // What came before it stays.
    assert_int_equal(sql_int(session, "select max(version) as n from schema_migrations"), 1);
    migrate(3, "0002_pets 0003_more ");
}

static void a_changed_text_is_refused(void **)
{
    migrate(2, "0001_people 0002_pets ");
    struct db_migration changed[] = {steps[0], steps[1], steps[2]};
    changed[1].sha256 = HASH_A;
    expect_refusal(changed, 3, ERR_SCHEMA_REFUSED,
                   "migration 0002_pets is not the text that was applied");
    changed[1] = steps[1];
    changed[0].name = "0001_persons";
    expect_refusal(changed, 3, ERR_SCHEMA_REFUSED, "to this database as 0001_people");
    assert_int_equal(sql_int(session, "select count(*) as n from schema_migrations"), 2);
}

static void a_newer_database_is_refused(void **)
{
    migrate(3, "0001_people 0002_pets 0003_more ");
    expect_refusal(steps, 2, ERR_SCHEMA_REFUSED,
                   "the database is newer than this program: it has migration 0003_more");
    size_t missing;
    struct error error = {0};
    assert_int_equal(db_migrate_these_pending(session, steps, 2, &missing, &error),
                     ERR_SCHEMA_REFUSED);
}

static void a_gap_is_refused(void **)
{
    migrate(3, "0001_people 0002_pets 0003_more ");
    sql_run(session, "delete from schema_migrations where version = 2");
    expect_refusal(steps, 3, ERR_SCHEMA_REFUSED, "has migration 3 (0003_more) but not 0002_pets");
}

static void a_migration_may_not_commit(void **)
{
    const struct db_migration hasty[] = {
        {1, "0001_hasty", "create table t(n int); commit", HASH_A}};
    expect_refusal(hasty, 1, ERR_DATABASE_ERROR, "ended the transaction");
}

struct process {
    pthread_t thread;
    enum err err;
    struct error error;
    size_t applied;
};

static void count_applied(void *data, const struct db_migration *)
{
    ((struct process *)data)->applied++;
}

static void *run_process(void *data)
{
    struct process *process = data;
    struct db_session *own = db_session_new(&(struct db_options){.url = url});
    process->err =
        db_migrate_these(own, steps, ARRAY_LEN(steps), count_applied, process, &process->error);
    db_session_free(own);
    return NULL;
}

static void several_at_once_apply_each_once(void **)
{
    struct process processes[PROCESSES] = {0};
    size_t applied = 0;
    for (size_t i = 0; i < PROCESSES; i++)
        assert_int_equal(pthread_create(&processes[i].thread, NULL, run_process, &processes[i]), 0);
    for (size_t i = 0; i < PROCESSES; i++) {
        pthread_join(processes[i].thread, NULL);
        if (processes[i].err)
            fail_msg("%s", processes[i].error.detail);
        applied += processes[i].applied;
    }
    assert_int_equal(applied, ARRAY_LEN(steps));
    assert_int_equal(sql_int(session, "select count(*) as n from people"), 2);
}

// The texts that are built in

static void embedded_migrations_are_whole(void **)
{
    for (size_t i = 0; i < db_migration_count; i++) {
        char hex[DIGEST_SHA256_HEX];
        digest_sha256_hex(slice_from_cstr(db_migrations[i].sql), hex);
        assert_string_equal(hex, db_migrations[i].sha256);
        assert_int_equal(db_migrations[i].version, i + 1);
    }
}

// Checking statements

static const struct db_param check_params[] = {
    {.name = "a", .type = "int", .optional = true},
    {.name = "b", .type = "no_such_type", .optional = true},
    {.name = "c", .type = "int", .optional = true},
};

static void expect_verdict(const struct db_fragment *fragments, size_t count, const char *detail)
{
    const struct db_statement statement = {.name = "test/checked",
                                           .params = check_params,
                                           .param_count = ARRAY_LEN(check_params),
                                           .fragments = fragments,
                                           .fragment_count = count};
    const struct db_statement *const statements[] = {&statement};
    struct error error = {0};
    enum err err = db_check_these(session, statements, 1, &error);
    if ((err == ERR_OK) != (detail == NULL) || (detail && !strstr(error.detail, detail)))
        fail_msg("%s: %s, expected %s", error_info(err)->code, error.detail,
                 detail ? detail : "no error");
}

static void statements_are_checked_in_their_variants(void **)
{
    sql_run(session, "create type mood as enum ('happy'); create table t(id int, m mood);"
                     "create function change() returns int language sql as 'select 1';"
                     "create function look() returns int stable language sql as 'select 1'");
    static const struct {
        struct db_fragment fragments[3];
        size_t count;
        const char *detail;
    } cases[] = {
        {{{.text = "select id from t where true"}, {.text = " and id = :a", .any_of = 1}}, 2, NULL},
        {{{.text = "select from missing"}}, 1, "42P01: test/checked"},
        {{{.text = "select id from t "}, {.text = "where id = :b", .any_of = 2}},
         2,
         "42704: test/checked (with b)"},
        {{{.text = "select id from t "},
          {.text = "order by id ", .any_of = 1},
          {.text = "order by id ", .any_of = 4}},
         3,
         "42601: test/checked (with all parameters)"},
        {{{.text = "select m from t"}}, 1, "column m has a type without a JSON form"},
        {{{.text = "select m::text as m from t"}}, 1, NULL},
        {{{.text = "select 1, 2 as b"}}, 1, "column 1 has no name"},
        {{{.text = "select 1 as a, 2 as a"}}, 1, "two columns are named a"},
        {{{.text = "insert into t values (1)"}}, 1, NULL},
        {{{.text = "select look() as n, 'change()' as change"}}, 1, NULL},
        {{{.text = "select Change () as n"}}, 1, "test/checked: calls change, which is volatile"},
        {{{.text = "/* writes */ select change() as n"}}, 1, NULL},
        {{{.text = "insert into t values (change())"}}, 1, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_verdict(cases[i].fragments, cases[i].count, cases[i].detail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_missing_is_applied, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_migration_sets_is_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failing_migration_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_text_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_newer_database_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_gap_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_migration_may_not_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(several_at_once_apply_each_once, setup, teardown),
        cmocka_unit_test(embedded_migrations_are_whole),
        cmocka_unit_test_setup_teardown(statements_are_checked_in_their_variants, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, close_admin);
}
