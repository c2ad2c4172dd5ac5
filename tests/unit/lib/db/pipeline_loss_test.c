// Connections that break and servers that are away.
#include "lib/db/pipeline.h"

#include "lib/base/clock.h"
#include "support/pipeline_fixture.h"
#include "support/postgres.h"
#include "support/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void reads_survive_the_loss_of_their_connection(void **)
{
    reopen(&(struct db_pipeline_options){.connections = 3});
    struct ask asks[300] = {0};
    for (int64_t i = 0; i < 300; i++)
        query_with(&asks[i], "select :a as n from pg_sleep(0.003)", "int", i);
    expected = SIZE_MAX;
    run_until("select (count(*) = 3)::int as n from pg_stat_activity where state = 'active' "
              "and query like '%0.003%' and " OURS);
    assert_true(answered < 300);
    terminate_all();
    run_until_answered(300);
    for (int64_t i = 0; i < 300; i++) {
        expect(&asks[i], ERR_OK, "");
        assert_int_equal(asks[i].value, i);
    }
    struct db_pipeline_counters counters = db_pipeline_counters(pipeline);
    assert_int_equal(counters.losses, 3);
    assert_true(counters.resent > 0);
}

static void a_read_that_kills_its_connection_is_not_repeated_for_ever(void **)
{
    struct ask ask = {0};
    sql_run(session, "create or replace function kill_me() returns int language sql as "
                     "'select pg_terminate_backend(pg_backend_pid())::int'");
    query(&ask, "select kill_me() as n");
    run_until_answered(1);
    expect(&ask, ERR_DATABASE_UNAVAILABLE, "57P01: ");
    assert_int_equal(db_pipeline_counters(pipeline).losses, 2);
}

static void a_write_without_an_answer_is_said_to_be_unknown(void **)
{
    sql_run(session, "drop table if exists marks; create table marks(id bigint primary key)");
    query_now("select 1 as n");
    struct ask write = {0};
    query(&write, "insert into marks select 1 from pg_sleep(60)");
    expected = SIZE_MAX;
    run_until("select (count(*) = 1)::int as n from pg_stat_activity where state = 'active' "
              "and query like 'insert into marks%' and wait_event = 'PgSleep' and " OURS);
    terminate_all();
    run_until_answered(1);
    expect(&write, ERR_DATABASE_UNAVAILABLE, "08007: insert into marks select 1");
    assert_int_equal(query_now("select count(*) as n from marks"), 0);
}

static void a_server_that_is_away_is_told_soon(void **)
{
    query_now("select 1 as n");
    postgres_stop();
    struct ask asks[20] = {0};
    uint64_t start = clock_monotonic_ms();
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        query(&asks[i], "select 1 as n");
    run_until_answered(ARRAY_LEN(asks));
    uint64_t took = clock_monotonic_ms() - start;
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        expect(&asks[i], ERR_DATABASE_UNAVAILABLE, "08001: ");
    assert_true(took >= 300 && took < 5000);
    assert_false(db_pipeline_is_ready(pipeline));
    postgres_start();
    struct ask again;
    do {
        again = (struct ask){0};
        query(&again, "select 4 as n");
        run_until_answered(1);
    } while (again.code == ERR_DATABASE_UNAVAILABLE);
    expect(&again, ERR_OK, "");
    assert_true(db_pipeline_is_ready(pipeline));
}

static void a_short_absence_is_not_noticed(void **)
{
    query_now("select 1 as n");
    terminate_all();
    assert_int_equal(query_now("select 5 as n"), 5);
}

static void an_address_that_leads_nowhere_is_told(void **)
{
    static const char *const urls[] = {"host=/nonexistent", "postgresql://user:secret@[broken"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        reopen(&(struct db_pipeline_options){.db.url = urls[i]});
        struct ask ask = {0};
        query(&ask, "select 1 as n");
        run_until_answered(1);
        expect(&ask, ERR_DATABASE_UNAVAILABLE, i ? "not one of PostgreSQL's" : "08001: ");
        assert_null(strstr(ask.detail, "secret"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PIPELINE_TEST(reads_survive_the_loss_of_their_connection),
        PIPELINE_TEST(a_read_that_kills_its_connection_is_not_repeated_for_ever),
        PIPELINE_TEST(a_write_without_an_answer_is_said_to_be_unknown),
        PIPELINE_TEST(a_server_that_is_away_is_told_soon),
        PIPELINE_TEST(a_short_absence_is_not_noticed),
        PIPELINE_TEST(an_address_that_leads_nowhere_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
