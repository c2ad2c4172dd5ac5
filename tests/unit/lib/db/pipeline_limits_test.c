// What takes too long or is too much.
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

static void too_many_are_refused(void **)
{
    reopen(&(struct db_pipeline_options){.max_queued = 10});
    struct ask asks[25] = {0};
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        query(&asks[i], "select 5 as n");
        assert_int_equal(asks[i].answers, 0);
    }
    run_until_answered(ARRAY_LEN(asks));
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        expect(&asks[i], i < 10 ? ERR_OK : ERR_OVERLOADED, "");
    assert_int_equal(query_now("select 6 as n"), 6);
}

static void a_slow_query_is_stopped_and_its_neighbours_are_not(void **)
{
    reopen(&(struct db_pipeline_options){.query_timeout_ms = 2000});
    query_now("select 1 as n");
    struct ask slow = {0}, asks[50] = {0};
    query(&slow, "select 1 as n from pg_sleep(60)");
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        query_with(&asks[i], "select :a as n", "int", (int64_t)i);
    run_until_answered(ARRAY_LEN(asks)); // before the slow one
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        expect(&asks[i], ERR_OK, "");
    assert_int_equal(slow.answers, 0);
    assert_true(db_pipeline_counters(pipeline).rescued > 0);
    run_until_answered(1);
    expect(&slow, ERR_TIMEOUT, "57014: ");
    // The server does not go on with it.
    run_until("select (count(*) = 0)::int as n from pg_stat_activity "
              "where query like '%pg_sleep(60)%' and state = 'active' and " OURS);
    assert_int_equal(db_pipeline_counters(pipeline).losses, 0);
    assert_int_equal(query_now("select 2 as n"), 2);
    assert_int_equal(db_pipeline_counters(pipeline).under_way, 0);
}

// Cancel requests that come too late hit whatever runs then: nobody may notice.
static void late_cancels_do_no_harm(void **)
{
    reopen(&(struct db_pipeline_options){.query_timeout_ms = 150, .connections = 1});
    query_now("select 1 as n");
    struct ask asks[12] = {0};
    for (int64_t i = 0; i < 12; i++) {
        query_with(&asks[i], "select :a as n from pg_sleep(0.155 + :a * 0.0)", "int", i);
        run_until_answered(1);
        assert_true(asks[i].code == ERR_TIMEOUT || asks[i].code == ERR_OK);
        assert_int_equal(query_now("select 7 as n from pg_sleep(0.02)"), 7);
    }
    assert_int_equal(db_pipeline_counters(pipeline).losses, 0);
}

static void what_waits_for_too_long_is_failed_too(void **)
{
    reopen(&(struct db_pipeline_options){.query_timeout_ms = 400, .connections = 1});
    query_now("select 1 as n");
    struct ask slow = {0}, write = {0}, read = {0};
    query(&slow, "select 1 as n from pg_sleep(60)");
    query(&write, "insert into later values (50)");
    query(&read, "select 8 as n");
    run_until_answered(3);
    expect(&slow, ERR_TIMEOUT, "57014: ");
    expect(&write, ERR_TIMEOUT, "57014: ");
    expect(&read, ERR_TIMEOUT, "57014: ");
    assert_int_equal(query_now("select 9 as n"), 9);
}

static void a_server_that_hangs_is_given_up(void **)
{
    reopen(&(struct db_pipeline_options){
        .query_timeout_ms = 200, .connections = 1, .db.connect_timeout_ms = 200});
    query_now("select 1 as n");
    postgres_freeze();
    struct ask asks[2] = {0};
    query(&asks[0], "select 1 as n");
    run_until_answered(1);
    expect(&asks[0], ERR_TIMEOUT, "57014: ");
    // Later queries neither hang nor wait for long, until it goes on.
    for (uint64_t losses = 0; losses == 0; losses = db_pipeline_counters(pipeline).losses) {
        asks[1] = (struct ask){0};
        query(&asks[1], "select 2 as n");
        run_until_answered(1);
        assert_true(asks[1].code == ERR_TIMEOUT || asks[1].code == ERR_DATABASE_UNAVAILABLE);
    }
    postgres_thaw();
    do {
        asks[1] = (struct ask){0};
        query(&asks[1], "select 2 as n");
        run_until_answered(1);
    } while (asks[1].code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PIPELINE_TEST(too_many_are_refused),
        PIPELINE_TEST(a_slow_query_is_stopped_and_its_neighbours_are_not),
        PIPELINE_TEST(late_cancels_do_no_harm),
        PIPELINE_TEST(what_waits_for_too_long_is_failed_too),
        PIPELINE_TEST(a_server_that_hangs_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
