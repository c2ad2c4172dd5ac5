#include "lib/db/session.h"

#include "lib/base/clock.h"
#include "support/postgres.h"
#include "support/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MANY_STATEMENTS = 600, DEADLINE_MS = 30000 };

// session is what is tested; other is somebody else.
static struct db_session *session, *other;

static struct db_session *open_session(uint32_t statement_timeout_ms)
{
    return db_session_new(&(struct db_options){.url = postgres_url(),
                                               .application_name = "session_test",
                                               .statement_timeout_ms = statement_timeout_ms});
}

static int setup(void **)
{
    session = open_session(0);
    other = open_session(0);
    return 0;
}

static int teardown(void **)
{
    db_session_free(session);
    db_session_free(other);
    return 0;
}

static void expect_error(enum err err, enum err expected, const struct error *error,
                         const char *detail)
{
    if (err != expected || error->code != expected || !strstr(error->detail, detail))
        fail_msg("%s: %s, expected %s: %s", error_info(err)->code, error->detail,
                 error_info(expected)->code, detail);
}

static void expect_query_error(const char *sql, enum err expected, const char *detail)
{
    struct error error = {0};
    struct db_rows *rows = NULL;
    enum err err = db_session_query(session, sql_statement(sql, ""), NULL, &rows, &error);
    expect_error(err, expected, &error, detail);
    assert_null(rows);
}

static void terminate(struct db_session *victim)
{
    char sql[80];
    snprintf(sql, sizeof sql, "select pg_terminate_backend(%d, 10000)::int as done",
             (int)sql_int(victim, "select pg_backend_pid() as pid"));
    assert_int_equal(sql_int(other, sql), 1);
}

static void begin(struct db_session *s)
{
    struct error error = {0};
    if (db_session_begin(s, &error))
        fail_msg("%s", error.detail);
}

static void commit(struct db_session *s)
{
    struct error error = {0};
    if (db_session_commit(s, &error))
        fail_msg("%s", error.detail);
}

static void errors_have_a_code_and_an_sqlstate(void **)
{
    sql_run(session, "create table keys(id int primary key)");
    sql_run(session, "insert into keys values (1)");
    expect_query_error("insert into keys values (1)", ERR_CONFLICT,
                       "23505: insert into keys values (1): duplicate key value");
    expect_query_error("select from nowhere", ERR_DATABASE_ERROR, "42P01: ");
    expect_query_error("selec", ERR_DATABASE_ERROR, "42601: ");
    expect_query_error("select 1/0 as x", ERR_DATABASE_ERROR, "22012: ");
    expect_query_error("select 1 as x; select 2 as y", ERR_DATABASE_ERROR, "42601: ");
    expect_query_error("copy keys to stdout", ERR_DATABASE_ERROR, "0A000: ");
    assert_int_equal(sql_int(session, "select 1 as still_here"), 1);
}

static void values_of_the_wrong_form_are_refused(void **)
{
    static const struct {
        struct slice text;
        const char *sqlstate;
    } cases[] = {
        {{"x", 1}, "22P02: "},
        {{"99999999999", 11}, "22003: "},
        {{"1\0002", 3}, "22021: "},
    };
    const struct db_statement *statement = sql_statement("select :a as n", "int");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error error = {0};
        struct db_value value = db_text(cases[i].text);
        enum err err = db_session_query(session, statement, &value, NULL, &error);
        expect_error(err, ERR_DATABASE_ERROR, &error, cases[i].sqlstate);
    }
    struct error error = {0};
    struct db_value value = db_cstr("\xff");
    enum err err =
        db_session_query(session, sql_statement("select :a as t", "text"), &value, NULL, &error);
    expect_error(err, ERR_DATABASE_ERROR, &error, "22021: ");
}

static void transactions_hold_or_do_not(void **)
{
    sql_run(session, "create table held(n int)");
    begin(session);
    sql_run(session, "insert into held values (1)");
    assert_int_equal(sql_int(other, "select count(*) as n from held"), 0);
    commit(session);
    assert_int_equal(sql_int(other, "select count(*) as n from held"), 1);
    begin(session);
    sql_run(session, "insert into held values (2)");
    db_session_rollback(session);
    db_session_rollback(session); // outside of one: nothing
    assert_int_equal(sql_int(other, "select count(*) as n from held"), 1);
}

static void a_failed_transaction_cannot_be_committed(void **)
{
    sql_run(session, "create table failing(n int)");
    begin(session);
    sql_run(session, "insert into failing values (1)");
    expect_query_error("select 1/0 as x", ERR_DATABASE_ERROR, "22012");
    expect_query_error("select 1 as x", ERR_DATABASE_ERROR, "25P02");
    struct error error = {0};
    expect_error(db_session_commit(session, &error), ERR_DATABASE_ERROR, &error, "25P02");
    assert_int_equal(sql_int(session, "select count(*) as n from failing"), 0);
}

static void a_commit_may_find_a_conflict(void **)
{
    sql_run(session, "create table later(id int unique deferrable initially deferred)");
    begin(session);
    sql_run(session, "insert into later values (1), (1)");
    struct error error = {0};
    expect_error(db_session_commit(session, &error), ERR_CONFLICT, &error, "23505: commit: ");
    assert_int_equal(sql_int(session, "select count(*) as n from later"), 0);
}

static void serialization_failures_are_conflicts(void **)
{
    sql_run(session, "create table doctors(name text, on_call bool);"
                     "insert into doctors values ('a', true), ('b', true)");
    struct db_session *both[] = {session, other};
    for (size_t i = 0; i < 2; i++) {
        begin(both[i]);
        sql_run(both[i], "set transaction isolation level serializable");
        assert_int_equal(sql_int(both[i], "select count(*) as n from doctors where on_call"), 2);
    }
    sql_run(session, "update doctors set on_call = false where name = 'a'");
    sql_run(other, "update doctors set on_call = false where name = 'b'");
    commit(session);
    struct error error = {0};
    expect_error(db_session_commit(other, &error), ERR_CONFLICT, &error, "40001: ");
}

static void a_lost_connection_is_an_error_once(void **)
{
    terminate(session);
    expect_query_error("select 1 as x", ERR_DATABASE_UNAVAILABLE, "");
    assert_int_equal(sql_int(session, "select 1 as x"), 1);
}

static void a_transaction_ends_with_its_connection(void **)
{
    sql_run(session, "create table partly(n int)");
    begin(session);
    sql_run(session, "insert into partly values (1)");
    terminate(session);
    expect_query_error("insert into partly values (2)", ERR_DATABASE_UNAVAILABLE, "");
    // Never half of it on another connection.
    expect_query_error("insert into partly values (2)", ERR_DATABASE_UNAVAILABLE, "08003: ");
    struct error error = {0};
    expect_error(db_session_commit(session, &error), ERR_DATABASE_UNAVAILABLE, &error,
                 "nothing was kept");
    assert_int_equal(sql_int(session, "select count(*) as n from partly"), 0);

    begin(session);
    terminate(session);
    expect_query_error("select 1 as x", ERR_DATABASE_UNAVAILABLE, "");
    db_session_rollback(session);
    assert_int_equal(sql_int(session, "select 1 as x"), 1);
}

static void a_commit_without_an_answer_is_said_to_be_unknown(void **)
{
    sql_run(session, "create table doomed(n int);"
                     "create function die() returns trigger language plpgsql as $$"
                     "begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;"
                     "create constraint trigger die after insert on doomed initially deferred "
                     "for each row execute function die()");
    begin(session);
    sql_run(session, "insert into doomed values (1)");
    struct error error = {0};
    expect_error(db_session_commit(session, &error), ERR_DATABASE_UNAVAILABLE, &error,
                 "08007: commit: the connection was lost before the answer; the outcome is "
                 "unknown");
    assert_int_equal(sql_int(session, "select count(*) as n from doomed"), 0);
}

static void a_server_may_go_and_come(void **)
{
    assert_int_equal(sql_int(session, "select 1 as x"), 1);
    postgres_stop();
    expect_query_error("select 1 as x", ERR_DATABASE_UNAVAILABLE, "");
    expect_query_error("select 1 as x", ERR_DATABASE_UNAVAILABLE, "08001: ");
    postgres_start();
    assert_int_equal(sql_int(session, "select 1 as x"), 1);
    assert_int_not_equal(
        db_session_query(other, sql_statement("select 1 as x", ""), NULL, NULL, NULL), ERR_OK);
    assert_int_equal(sql_int(other, "select 1 as x"), 1);
}

static void addresses_that_lead_nowhere_are_told(void **)
{
    static const struct {
        const char *url;
        enum err code;
        const char *detail;
    } cases[] = {
        {"host=/nonexistent", ERR_DATABASE_UNAVAILABLE, "08001: "},
        {"postgresql://user:secret@[broken", ERR_CONFIG_INVALID, "not one of PostgreSQL's"},
        {"no equals secret", ERR_CONFIG_INVALID, "not one of PostgreSQL's"},
        {"host=/nonexistent,/nowhere password=secret", ERR_DATABASE_UNAVAILABLE, "08001: "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct db_session *lost = db_session_new(&(struct db_options){.url = cases[i].url});
        struct error error = {0};
        enum err err =
            db_session_query(lost, sql_statement("select 1 as x", ""), NULL, NULL, &error);
        expect_error(err, cases[i].code, &error, cases[i].detail);
        assert_null(strstr(error.detail, "secret"));
        db_session_free(lost);
    }
}

static void options_of_the_address_are_kept(void **)
{
    char url[300];
    snprintf(url, sizeof url, "%s options='-c statement_timeout=12345 -c geqo=off'",
             postgres_url());
    struct db_session *own =
        db_session_new(&(struct db_options){.url = url, .application_name = "fallback"});
    assert_int_equal(sql_int(own, "select (current_setting('statement_timeout') = '12345ms' "
                                  "and current_setting('geqo') = 'off' "
                                  "and current_setting('TimeZone') = 'UTC' "
                                  "and current_setting('application_name') = 'fallback')::int "
                                  "as all_set"),
                     1);
    db_session_free(own);
}

static void a_statement_that_takes_too_long_is_stopped(void **)
{
    struct db_session *hasty = open_session(100);
    uint64_t start = clock_monotonic_ms();
    struct error error = {0};
    enum err err = db_session_query(hasty, sql_statement("select pg_sleep(30) as slept", ""), NULL,
                                    NULL, &error);
    expect_error(err, ERR_TIMEOUT, &error, "57014: ");
    assert_true(clock_monotonic_ms() - start < DEADLINE_MS / 2);
    assert_int_equal(sql_int(hasty, "select 1 as x"), 1);
    assert_int_equal(sql_int(other, "select count(*) as n from pg_stat_activity "
                                    "where query like '%pg_sleep(30)%' and state = 'active' "
                                    "and pid <> pg_backend_pid()"),
                     0);
    db_session_free(hasty);
}

static void a_server_that_hangs_does_not_hang_us(void **)
{
    struct db_session *hasty = db_session_new(&(struct db_options){
        .url = postgres_url(), .connect_timeout_ms = 300, .statement_timeout_ms = 100});
    assert_int_equal(sql_int(hasty, "select 1 as x"), 1);
    postgres_freeze();
    struct error error = {0};
    enum err err = db_session_query(hasty, sql_statement("select 1 as x", ""), NULL, NULL, &error);
    struct error again = {0};
    enum err err_again =
        db_session_query(hasty, sql_statement("select 1 as x", ""), NULL, NULL, &again);
    postgres_thaw();
    expect_error(err, ERR_TIMEOUT, &error, "not even to a cancel");
    expect_error(err_again, ERR_DATABASE_UNAVAILABLE, &again, "did not answer within 300 ms");
    assert_int_equal(sql_int(hasty, "select 1 as x"), 1);
    db_session_free(hasty);
}

static void statements_are_prepared_once_and_not_without_bound(void **)
{
    struct db_session *many = open_session(0);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MANY_STATEMENTS; i++) {
            char sql[40];
            snprintf(sql, sizeof sql, "select %d as n", i);
            assert_int_equal(sql_int(many, sql), i);
        }
    int64_t prepared = sql_int(many, "select count(*) as n from pg_prepared_statements");
    assert_int_equal(prepared, 512);
    for (int i = 0; i < 10; i++)
        assert_int_equal(sql_int(many, "select 599 as n"), 599);
    assert_int_equal(sql_int(many,
                             "select max(generic_plans + custom_plans) as n "
                             "from pg_prepared_statements where statement = 'select 599 as n'"),
                     11);
    db_session_free(many);
}

static void a_changed_schema_is_noticed(void **)
{
    sql_run(session, "create table shape(n int); insert into shape values (7)");
    assert_int_equal(sql_int(session, "select * from shape"), 7);
    sql_run(other, "alter table shape alter n type bigint");
    assert_int_equal(sql_int(session, "select * from shape"), 7);
    sql_run(session, "deallocate all");
    assert_int_equal(sql_int(session, "select * from shape"), 7);
    // Inside a transaction the transaction fails, and the next one is fine.
    sql_run(other, "alter table shape alter n type int");
    begin(session);
    expect_query_error("select * from shape", ERR_DATABASE_ERROR, "0A000: ");
    db_session_rollback(session);
    begin(session);
    assert_int_equal(sql_int(session, "select * from shape"), 7);
    commit(session);
}

static void optional_parameters_choose_the_text(void **)
{
    static const struct db_param params[] = {
        {.name = "low", .type = "int", .optional = true},
        {.name = "high", .type = "int", .optional = true},
        {.name = "factor", .type = "int"},
    };
    static const struct db_fragment fragments[] = {
        {.text = "select coalesce(sum(n), 0) * :factor as total from generate_series(1, 10) n "
                 "where true "},
        {.text = "and n >= :low ", .any_of = 1},
        {.text = "and n <= :high ", .any_of = 2},
    };
    static const struct db_statement sum = {.name = "test/sum",
                                            .params = params,
                                            .param_count = 3,
                                            .fragments = fragments,
                                            .fragment_count = 3};
    static const struct {
        const char *low, *high;
        int64_t total;
    } cases[] = {{NULL, NULL, 110}, {"9", NULL, 38}, {NULL, "2", 6}, {"5", "6", 22}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct db_value values[] = {
            {.text = slice_from_cstr(cases[i].low), .given = cases[i].low},
            {.text = slice_from_cstr(cases[i].high), .given = cases[i].high},
            db_cstr("2"),
        };
        struct db_rows *rows;
        assert_int_equal(db_session_query(session, &sum, values, &rows, NULL), ERR_OK);
        assert_int_equal(db_rows_int(rows, 0, 0), cases[i].total);
        db_rows_free(rows);
    }
}

static void mistakes_in_scripts_have_a_line(void **)
{
    struct error error = {0};
    enum err err = db_session_script(session,
                                     "create table script(n int);\n-- ünïcode\n"
                                     "insert into script values (1);\ninsert into skript values "
                                     "(2)",
                                     &error);
    expect_error(err, ERR_DATABASE_ERROR, &error, "42P01: script, line 4: ");
    // One text is one transaction.
    expect_query_error("select from script", ERR_DATABASE_ERROR, "42P01");
    assert_int_equal(db_session_script(session, "", &error), ERR_OK);
}

static void scripts_may_not_leave_a_transaction_behind(void **)
{
    struct error error = {0};
    enum err err = db_session_script(session, "begin; create table left_open(n int)", &error);
    expect_error(err, ERR_DATABASE_ERROR, &error, "25001: ");
    expect_query_error("select from left_open", ERR_DATABASE_ERROR, "42P01");
    begin(session);
    err = db_session_script(session, "create table ended(n int); commit", &error);
    expect_error(err, ERR_DATABASE_ERROR, &error, "2D000: ");
    db_session_rollback(session);
    err = db_session_script(session, "copy keys from stdin", &error);
    expect_error(err, ERR_DATABASE_ERROR, &error, "0A000: ");
    assert_int_equal(sql_int(session, "select 1 as x"), 1);
}

static bool wait_for(struct db_session *s, int fd, uint32_t timeout_ms)
{
    struct error error = {0};
    bool notified;
    if (db_session_wait(s, fd, timeout_ms, &notified, &error))
        fail_msg("%s", error.detail);
    return notified;
}

static void notifications_end_a_wait(void **)
{
    struct db_session *listener = open_session(0);
    assert_int_equal(db_session_listen(listener, "jobs", NULL), ERR_OK);
    assert_int_equal(db_session_listen(listener, "Odd \"channel\"", NULL), ERR_OK);
    assert_int_equal(db_session_listen(listener, "jobs", NULL), ERR_OK);
    assert_false(wait_for(listener, -1, 0));
    sql_run(other, "notify jobs, '1'; notify jobs, '2'");
    assert_true(wait_for(listener, -1, DEADLINE_MS));
    assert_false(wait_for(listener, -1, 10));
    sql_run(other, "notify \"Odd \"\"channel\"\"\"");
    assert_true(wait_for(listener, -1, DEADLINE_MS));
    sql_run(other, "notify others");
    assert_false(wait_for(listener, -1, 10));
    // One that came with the answer to a query is not lost.
    sql_run(other, "notify jobs");
    assert_int_equal(sql_int(listener, "select 1 as x"), 1);
    assert_true(wait_for(listener, -1, DEADLINE_MS));
    db_session_free(listener);
}

static void a_wait_ends_when_woken(void **)
{
    struct db_session *listener = open_session(0);
    assert_int_equal(db_session_listen(listener, "jobs", NULL), ERR_OK);
    int wake[2];
    assert_int_equal(pipe(wake), 0);
    assert_int_equal(write(wake[1], "x", 1), 1);
    uint64_t start = clock_monotonic_ms();
    assert_false(wait_for(listener, wake[0], DEADLINE_MS));
    assert_true(clock_monotonic_ms() - start < DEADLINE_MS / 2);
    close(wake[0]);
    close(wake[1]);
    db_session_free(listener);
}

static void listening_goes_on_after_a_reconnect(void **)
{
    struct db_session *listener = open_session(0);
    assert_int_equal(db_session_listen(listener, "jobs", NULL), ERR_OK);
    terminate(listener);
    bool notified;
    struct error error = {0};
    enum err err = db_session_wait(listener, -1, DEADLINE_MS, &notified, &error);
    expect_error(err, ERR_DATABASE_UNAVAILABLE, &error, "");
    // Something may have been missed.
    assert_true(wait_for(listener, -1, DEADLINE_MS));
    assert_false(wait_for(listener, -1, 0));
    sql_run(other, "notify jobs");
    assert_true(wait_for(listener, -1, DEADLINE_MS));
    db_session_free(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_a_code_and_an_sqlstate),
        cmocka_unit_test(values_of_the_wrong_form_are_refused),
        cmocka_unit_test(transactions_hold_or_do_not),
        cmocka_unit_test(a_failed_transaction_cannot_be_committed),
        cmocka_unit_test(a_commit_may_find_a_conflict),
        cmocka_unit_test(serialization_failures_are_conflicts),
        cmocka_unit_test(a_lost_connection_is_an_error_once),
        cmocka_unit_test(a_transaction_ends_with_its_connection),
        cmocka_unit_test(a_commit_without_an_answer_is_said_to_be_unknown),
        cmocka_unit_test(a_server_may_go_and_come),
        cmocka_unit_test(addresses_that_lead_nowhere_are_told),
        cmocka_unit_test(options_of_the_address_are_kept),
        cmocka_unit_test(a_statement_that_takes_too_long_is_stopped),
        cmocka_unit_test(a_server_that_hangs_does_not_hang_us),
        cmocka_unit_test(statements_are_prepared_once_and_not_without_bound),
        cmocka_unit_test(a_changed_schema_is_noticed),
        cmocka_unit_test(optional_parameters_choose_the_text),
        cmocka_unit_test(mistakes_in_scripts_have_a_line),
        cmocka_unit_test(scripts_may_not_leave_a_transaction_behind),
        cmocka_unit_test(notifications_end_a_wait),
        cmocka_unit_test(a_wait_ends_when_woken),
        cmocka_unit_test(listening_goes_on_after_a_reconnect),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
