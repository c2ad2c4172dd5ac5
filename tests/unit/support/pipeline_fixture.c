#include "support/pipeline_fixture.h"

#include "support/postgres.h"
#include "support/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WATCHDOG_MS = 60000 };

struct loop *loop;
struct db_pipeline *pipeline;
struct db_session *session;

size_t expected, answered;

static void tell_hang(void *)
{
    fprintf(stderr, "the test hangs: %zu of %zu answers\n", answered, expected);
    abort();
}

void run_until_answered(size_t count)
{
    expected = count;
    struct loop_timer *watchdog = loop_after(loop, WATCHDOG_MS, tell_hang, NULL);
    if (answered < expected)
        loop_run(loop);
    loop_timer_stop(watchdog);
    assert_int_equal(answered, count);
    answered = 0;
}

void count_answer(void)
{
    if (++answered == expected)
        loop_stop(loop);
}

void on_answer(void *data, const struct db_rows *rows, const struct error *error)
{
    struct ask *ask = data;
    assert_true((rows == NULL) != (error == NULL));
    ask->answers++;
    if (error) {
        ask->code = error->code;
        memcpy(ask->detail, error->detail, sizeof ask->detail);
    } else if (db_rows_count(rows) && db_rows_columns(rows)) {
        ask->value = db_rows_int(rows, 0, 0);
    }
    count_answer();
}

void query(struct ask *ask, const char *sql)
{
    db_pipeline_query(pipeline, sql_statement(sql, ""), NULL, on_answer, ask);
}

// With one parameter, :a.
void query_with(struct ask *ask, const char *sql, const char *type, int64_t value)
{
    struct arena *arena = arena_new(4096);
    struct db_value values[] = {db_int(arena, value)};
    db_pipeline_query(pipeline, sql_statement(sql, type), values, on_answer, ask);
    arena_free(arena);
}

int64_t query_now(const char *sql)
{
    struct ask ask = {0};
    query(&ask, sql);
    run_until_answered(1);
    if (ask.code)
        fail_msg("%s: %s", sql, ask.detail);
    return ask.value;
}

void expect(const struct ask *ask, enum err code, const char *detail)
{
    if (ask->answers != 1 || ask->code != code || !strstr(ask->detail, detail))
        fail_msg("%d answers, %s: %s; expected %s: %s", ask->answers, error_info(ask->code)->code,
                 ask->detail, error_info(code)->code, detail);
}

void open_pipeline(const struct db_pipeline_options *options)
{
    struct db_pipeline_options own = *options;
    if (!own.db.url)
        own.db.url = postgres_url();
    own.db.application_name = "pipeline_test";
    loop = loop_new();
    pipeline = db_pipeline_new(loop, &own);
    answered = 0;
}

int pipeline_setup(void **)
{
    session = db_session_new(&(struct db_options){.url = postgres_url()});
    open_pipeline(&(struct db_pipeline_options){0});
    return 0;
}

void close_pipeline(void)
{
    db_pipeline_free(pipeline);
    loop_free(loop);
    pipeline = NULL;
}

void reopen(const struct db_pipeline_options *options)
{
    close_pipeline();
    open_pipeline(options);
}

int pipeline_teardown(void **)
{
    close_pipeline();
    db_session_free(session);
    return 0;
}

// Runs the loop until a query from outside answers with true.
struct condition {
    const char *sql;
    struct loop_timer *timer;
};

static void look(void *data)
{
    struct condition *condition = data;
    if (sql_int(session, condition->sql))
        loop_stop(loop);
}

void run_until(const char *sql)
{
    struct condition condition = {.sql = sql};
    struct loop_timer *watchdog = loop_after(loop, WATCHDOG_MS, tell_hang, NULL);
    condition.timer = loop_every(loop, 5, look, &condition);
    loop_run(loop);
    loop_timer_stop(condition.timer);
    loop_timer_stop(watchdog);
}

void terminate_all(void)
{
    sql_int(session, "select count(pg_terminate_backend(pid, 10000)) as n from pg_stat_activity "
                     "where " OURS);
}
