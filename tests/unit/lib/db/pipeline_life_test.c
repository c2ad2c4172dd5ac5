// Freed while busy, asked by its own answers, statements that come and go, values of megabytes.
#include "lib/db/pipeline.h"

#include "support/pipeline_fixture.h"
#include "support/postgres.h"
#include "support/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    MANY_STATEMENTS = 600,
    BIG_BYTES = 3 * 1024 * 1024,
};

static void a_busy_pipeline_may_be_freed(void **)
{
    sql_run(session, "create table if not exists marks(id bigint primary key)");
    query_now("select 1 as n");
    struct ask asks[100] = {0};
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        query(&asks[i], i % 2 ? "select 1 as n from pg_sleep(60)" : "insert into marks values (9)");
    expected = SIZE_MAX;
    run_until("select (count(*) >= 1)::int as n from pg_stat_activity where state = 'active' "
              "and query like '%pg_sleep(60)%' and " OURS);
    size_t before = answered; // some inserts may have been answered
    query(&asks[1], "select 2 as n");
    db_pipeline_free(pipeline);
    pipeline = NULL;
    assert_int_equal(answered, ARRAY_LEN(asks) + 1);
    assert_int_equal(asks[1].answers, 2);
    for (size_t i = 3; i < ARRAY_LEN(asks); i += 2)
        expect(&asks[i], ERR_SHUTTING_DOWN, "closing");
    assert_true(before < ARRAY_LEN(asks) / 2 + 1);
}

static void free_it(void *data, const struct db_rows *rows, const struct error *error)
{
    on_answer(data, rows, error);
    db_pipeline_free(pipeline);
    pipeline = NULL;
}

static void a_pipeline_may_be_freed_by_an_answer(void **)
{
    // By a row in the middle of a batch, by an error, and by one that never left.
    static const char *const culprits[] = {"select 1 as n", "select 1/0 as n", NULL};
    for (size_t i = 0; i < ARRAY_LEN(culprits); i++) {
        reopen(&(struct db_pipeline_options){.max_queued = 6});
        query_now("select 1 as n");
        struct ask asks[7] = {0};
        for (size_t k = 0; k < 6; k++)
            if (k == 2 && culprits[i])
                db_pipeline_query(pipeline, sql_statement(culprits[i], ""), NULL, free_it,
                                  &asks[k]);
            else
                query(&asks[k], "select 1 as n");
        if (culprits[i])
            asks[6].answers = answered++ == 0;
        else
            db_pipeline_query(pipeline, sql_statement("select 1 as n", ""), NULL, free_it,
                              &asks[6]);
        run_until_answered(7);
        assert_null(pipeline);
        for (size_t k = 0; k < 7; k++)
            assert_int_equal(asks[k].answers, 1);
        loop_free(loop);
        open_pipeline(&(struct db_pipeline_options){0});
    }
}

static void ask_again(void *data, const struct db_rows *rows, const struct error *error)
{
    struct ask *ask = data;
    if (ask->number-- > 0)
        db_pipeline_query(pipeline,
                          sql_statement(ask->number % 2 ? "select 1/0 as n" : "select 3 as n", ""),
                          NULL, ask_again, ask);
    else
        on_answer(data, rows, error);
}

static void an_answer_may_ask_again(void **)
{
    struct ask asks[5] = {0};
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        asks[i].number = 200;
        ask_again(&asks[i], NULL, NULL);
    }
    run_until_answered(ARRAY_LEN(asks));
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        expect(&asks[i], ERR_OK, "");
    // From inside of a refusal too.
    reopen(&(struct db_pipeline_options){.db.url = "host=/nonexistent"});
    struct ask refused = {.number = 1};
    ask_again(&refused, NULL, NULL);
    run_until_answered(1);
    expect(&refused, ERR_DATABASE_UNAVAILABLE, "");
}

static void statements_are_prepared_without_growing_for_ever(void **)
{
    reopen(&(struct db_pipeline_options){.connections = 1});
    static struct ask asks[2 * MANY_STATEMENTS];
    memset(asks, 0, sizeof asks);
    for (int i = 0; i < 2 * MANY_STATEMENTS; i++) {
        char sql[40];
        snprintf(sql, sizeof sql, "select %d as n", i % MANY_STATEMENTS);
        query(&asks[i], sql);
    }
    run_until_answered(2 * MANY_STATEMENTS);
    for (int i = 0; i < 2 * MANY_STATEMENTS; i++) {
        expect(&asks[i], ERR_OK, "");
        assert_int_equal(asks[i].value, i % MANY_STATEMENTS);
    }
    assert_int_equal(query_now("select count(*) as n from pg_prepared_statements"), 512);
}

static void a_changed_schema_is_noticed(void **)
{
    sql_run(session, "drop table if exists shape;"
                     "create table shape(n int); insert into shape values (7)");
    for (int round = 0; round < 4; round++)
        assert_int_equal(query_now("select * from shape"), 7);
    sql_run(session, "alter table shape alter n type bigint");
    struct ask asks[8] = {0};
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        query(&asks[i], i % 2 ? "select 8 as n" : "select * from shape");
    run_until_answered(ARRAY_LEN(asks));
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        expect(&asks[i], ERR_OK, "");
        assert_int_equal(asks[i].value, i % 2 ? 8 : 7);
    }
    query_now("deallocate all");
    query_now("deallocate all");
    assert_int_equal(query_now("select * from shape"), 7);
    // A table that comes later is found then.
    struct ask early = {0};
    query(&early, "select n from comes_later");
    run_until_answered(1);
    expect(&early, ERR_DATABASE_ERROR, "42P01");
    sql_run(session, "create table comes_later as select 9 as n");
    assert_int_equal(query_now("select n from comes_later"), 9);
}

static void big_values_go_both_ways(void **)
{
    char *text = malloc(BIG_BYTES);
    memset(text, 'x', BIG_BYTES);
    struct db_value value = db_text((struct slice){text, BIG_BYTES});
    struct ask asks[8] = {0};
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        db_pipeline_query(pipeline, sql_statement("select length(:a) as n, :a as text", "text"),
                          &value, on_answer, &asks[i]);
    free(text);
    run_until_answered(ARRAY_LEN(asks));
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        expect(&asks[i], ERR_OK, "");
        assert_int_equal(asks[i].value, BIG_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PIPELINE_TEST(a_busy_pipeline_may_be_freed),
        PIPELINE_TEST(a_pipeline_may_be_freed_by_an_answer),
        PIPELINE_TEST(an_answer_may_ask_again),
        PIPELINE_TEST(statements_are_prepared_without_growing_for_ever),
        PIPELINE_TEST(a_changed_schema_is_noticed),
        PIPELINE_TEST(big_values_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
