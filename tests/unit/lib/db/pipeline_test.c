// Queries and their answers: values, errors, neighbours in a batch.
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
    MANY = 6000,
};

static void a_query_is_answered(void **)
{
    assert_false(db_pipeline_is_ready(pipeline));
    assert_int_equal(query_now("select 42 as n"), 42);
    assert_true(db_pipeline_is_ready(pipeline));
    struct ask ask = {0};
    query_with(&ask, "select :a + 1 as n", "int", 7);
    assert_int_equal(ask.answers, 0); // never from inside
    run_until_answered(1);
    assert_int_equal(ask.value, 8);
}

static void values_are_copied(void **)
{
    char *text = strdup("12345");
    struct db_value value = db_cstr(text);
    struct ask ask = {0};
    db_pipeline_query(pipeline, sql_statement("select :a as copied", "int"), &value, on_answer,
                      &ask);
    memset(text, '9', strlen(text));
    free(text);
    run_until_answered(1);
    assert_int_equal(ask.value, 12345);
}

static void errors_are_those_of_a_session(void **)
{
    sql_run(session, "drop table if exists keys; create table keys(id int primary key);"
                     "insert into keys values (1)");
    static const struct {
        const char *sql;
        enum err code;
        const char *detail;
    } cases[] = {
        {"insert into keys values (1)", ERR_CONFLICT, "23505: insert into keys values (1): dup"},
        {"select from missing", ERR_DATABASE_ERROR, "42P01: "},
        {"selec", ERR_DATABASE_ERROR, "42601: "},
        {"select 1/0 as x", ERR_DATABASE_ERROR, "22012: "},
    };
    struct ask asks[ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        query(&asks[i], cases[i].sql);
    run_until_answered(ARRAY_LEN(cases));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect(&asks[i], cases[i].code, cases[i].detail);
    struct ask zero = {0};
    struct db_value value = db_text((struct slice){"a\0b", 3});
    db_pipeline_query(pipeline, sql_statement("select length(:a) as n", "text"), &value, on_answer,
                      &zero);
    assert_int_equal(zero.answers, 0);
    run_until_answered(1);
    expect(&zero, ERR_DATABASE_ERROR, "22021: ");
}

// What each of many queries is, by its number.
static const struct {
    const char *sql;
    bool writes;
    enum err code; // for the numbers that fail
    int every;     // every such one fails; 0: none
} kinds[] = {
    {"select :a as n", false, ERR_OK, 0},
    {"select :a / (:a % 7) * (:a % 7) as n", false, ERR_DATABASE_ERROR, 7},
    {"insert into marks values (:a - :a % 6) returning id", true, ERR_OK, 0},
    {"insert into marks values (case when :a % 4 = 0 then null else :a end) returning id", true,
     ERR_DATABASE_ERROR, 4},
    {"select :a as n from no_table_of_that_name", false, ERR_DATABASE_ERROR, 1},
    {"with recursive r as (select 1 as i union all select i + 1 from r where i < 20) "
     "select :a + count(*) * 0 as n from r",
     false, ERR_OK, 0},
};

static void neighbours_do_not_harm_each_other(void **)
{
    reopen(&(struct db_pipeline_options){.max_queued = MANY, .connections = 3});
    sql_run(session, "drop table if exists marks; create table marks(id bigint primary key)");
    struct ask *asks = calloc(MANY, sizeof *asks);
    for (int64_t i = 0; i < MANY; i++)
        query_with(&asks[i], kinds[(size_t)i % ARRAY_LEN(kinds)].sql, "bigint", i);
    run_until_answered(MANY);
    size_t written = 0;
    for (int64_t i = 0; i < MANY; i++) {
        size_t k = (size_t)i % ARRAY_LEN(kinds);
        bool fails = kinds[k].every && i % kinds[k].every == 0;
        expect(&asks[i], fails ? kinds[k].code : ERR_OK, "");
        if (!fails && !kinds[k].writes && k != 1)
            assert_int_equal(asks[i].value, i);
        written += kinds[k].writes && !fails;
    }
    assert_int_equal(sql_int(session, "select count(*) as n from marks"), written);
    struct db_pipeline_counters counters = db_pipeline_counters(pipeline);
    assert_int_equal(counters.queries, MANY);
    // The last answer is told before its entry is taken off: that may be the next turn's work.
    while (counters.waiting + counters.under_way > 0) {
        assert_int_not_equal(uv_run(loop_uv(loop), UV_RUN_ONCE), 0);
        counters = db_pipeline_counters(pipeline);
    }
    assert_true(counters.resent > 0);
    free(asks);
}

// Until every connection knows the statements, and knows that they are quick.
static void warm_up(void)
{
    for (size_t round = 0; round < 50; round++) {
        struct ask asks[4] = {0};
        query(&asks[0], "select 1 as n");
        query(&asks[1], "select 1 as n");
        query_with(&asks[2], "select 10 / :a as n", "int", 1);
        query_with(&asks[3], "select 10 / :a as n", "int", 1);
        run_until_answered(4);
    }
}

static void reads_of_a_turn_share_a_sync(void **)
{
    reopen(&(struct db_pipeline_options){.connections = 1});
    warm_up();
    uint64_t before = db_pipeline_counters(pipeline).syncs;
    struct ask asks[200] = {0};
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        query(&asks[i], "select 1 as n");
    run_until_answered(ARRAY_LEN(asks));
    assert_int_equal(db_pipeline_counters(pipeline).syncs - before, 1);
    assert_int_equal(db_pipeline_counters(pipeline).resent, 0);
}

static void a_failing_read_repeats_only_its_followers(void **)
{
    reopen(&(struct db_pipeline_options){.connections = 1});
    warm_up();
    struct ask asks[10] = {0};
    for (int64_t i = 0; i < 10; i++)
        query_with(&asks[i], "select 10 / :a as n", "int", i == 6 ? 0 : 1);
    run_until_answered(10);
    for (size_t i = 0; i < 10; i++)
        expect(&asks[i], i == 6 ? ERR_DATABASE_ERROR : ERR_OK, i == 6 ? "22012" : "");
    assert_int_equal(db_pipeline_counters(pipeline).resent, 3);
}

// One that is known to take long does not keep the quick ones of its turn waiting.
static void slow_reads_go_alone(void **)
{
    reopen(&(struct db_pipeline_options){.connections = 1});
    warm_up();
    query_now("select 5 as n from pg_sleep(0.05)");
    uint64_t before = db_pipeline_counters(pipeline).syncs;
    struct ask asks[10] = {0};
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        query(&asks[i], i == 7 ? "select 5 as n from pg_sleep(0.05)" : "select 1 as n");
    run_until_answered(7);
    answered = 7;
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        assert_int_equal(asks[i].answers, i < 7);
    run_until_answered(ARRAY_LEN(asks));
    assert_int_equal(db_pipeline_counters(pipeline).syncs - before, 3);
}

static void success_is_told_after_the_commit(void **)
{
    sql_run(session, "drop table if exists later;"
                     "create table later(id int unique deferrable initially deferred)");
    struct ask asks[3] = {0};
    query(&asks[0], "insert into later values (1), (1) returning id");
    query(&asks[1], "insert into later values (2) returning id");
    query(&asks[2], "select 3 as n");
    run_until_answered(3);
    expect(&asks[0], ERR_CONFLICT, "23505: ");
    expect(&asks[1], ERR_OK, "");
    expect(&asks[2], ERR_OK, "");
    assert_int_equal(sql_int(session, "select sum(id) as n from later"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PIPELINE_TEST(a_query_is_answered),
        PIPELINE_TEST(values_are_copied),
        PIPELINE_TEST(errors_are_those_of_a_session),
        PIPELINE_TEST(neighbours_do_not_harm_each_other),
        PIPELINE_TEST(reads_of_a_turn_share_a_sync),
        PIPELINE_TEST(a_failing_read_repeats_only_its_followers),
        PIPELINE_TEST(slow_reads_go_alone),
        PIPELINE_TEST(success_is_told_after_the_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
