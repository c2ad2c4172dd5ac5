#include "lib/db/pipeline.h"

#include "lib/base/clock.h"
#include "support/postgres.h"
#include "support/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    WATCHDOG_MS = 60000,
    MANY = 6000,
    MANY_STATEMENTS = 600,
    BIG_BYTES = 3 * 1024 * 1024,
};

static struct loop *loop;
static struct db_pipeline *pipeline;
static struct db_session *session; // to look at the database from outside

// One query and what became of it.
struct ask {
    int64_t number, value; // value: the first column of the first row
    int answers;
    enum err code;
    char detail[256];
};

static size_t expected, answered;

static void tell_hang(void *)
{
    fprintf(stderr, "the test hangs: %zu of %zu answers\n", answered, expected);
    abort();
}

static void run_until_answered(size_t count)
{
    expected = count;
    struct loop_timer *watchdog = loop_after(loop, WATCHDOG_MS, tell_hang, NULL);
    if (answered < expected)
        loop_run(loop);
    loop_timer_stop(watchdog);
    assert_int_equal(answered, count);
    answered = 0;
}

static void count_answer(void)
{
    if (++answered == expected)
        loop_stop(loop);
}

static void on_answer(void *data, const struct db_rows *rows, const struct error *error)
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

static void query(struct ask *ask, const char *sql)
{
    db_pipeline_query(pipeline, sql_statement(sql, ""), NULL, on_answer, ask);
}

// With one parameter, :a.
static void query_with(struct ask *ask, const char *sql, const char *type, int64_t value)
{
    struct arena *arena = arena_new(4096);
    struct db_value values[] = {db_int(arena, value)};
    db_pipeline_query(pipeline, sql_statement(sql, type), values, on_answer, ask);
    arena_free(arena);
}

static int64_t query_now(const char *sql)
{
    struct ask ask = {0};
    query(&ask, sql);
    run_until_answered(1);
    if (ask.code)
        fail_msg("%s: %s", sql, ask.detail);
    return ask.value;
}

static void expect(const struct ask *ask, enum err code, const char *detail)
{
    if (ask->answers != 1 || ask->code != code || !strstr(ask->detail, detail))
        fail_msg("%d answers, %s: %s; expected %s: %s", ask->answers, error_info(ask->code)->code,
                 ask->detail, error_info(code)->code, detail);
}

static void open_pipeline(const struct db_pipeline_options *options)
{
    struct db_pipeline_options own = *options;
    if (!own.db.url)
        own.db.url = postgres_url();
    own.db.application_name = "pipeline_test";
    loop = loop_new();
    pipeline = db_pipeline_new(loop, &own);
    answered = 0;
}

static int setup(void **)
{
    session = db_session_new(&(struct db_options){.url = postgres_url()});
    open_pipeline(&(struct db_pipeline_options){0});
    return 0;
}

static void close_pipeline(void)
{
    db_pipeline_free(pipeline);
    loop_free(loop);
    pipeline = NULL;
}

static void reopen(const struct db_pipeline_options *options)
{
    close_pipeline();
    open_pipeline(options);
}

static int teardown(void **)
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

static void run_until(const char *sql)
{
    struct condition condition = {.sql = sql};
    struct loop_timer *watchdog = loop_after(loop, WATCHDOG_MS, tell_hang, NULL);
    condition.timer = loop_every(loop, 5, look, &condition);
    loop_run(loop);
    loop_timer_stop(condition.timer);
    loop_timer_stop(watchdog);
}

#define OURS "application_name = 'pipeline_test' and pid <> pg_backend_pid()"

static void terminate_all(void)
{
    sql_int(session, "select count(pg_terminate_backend(pid, 10000)) as n from pg_stat_activity "
                     "where " OURS);
}

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

static void a_busy_pipeline_may_be_freed(void **)
{
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

// Notifications

struct heard {
    int beginnings, count;
    char last[32];
};

static void on_notify(void *data, const char *channel, struct slice payload)
{
    struct heard *heard = data;
    assert_true(strcmp(channel, "news") == 0 || strcmp(channel, "Odd \"one\"") == 0);
    if (!payload.ptr) {
        heard->beginnings++;
    } else {
        heard->count++;
        snprintf(heard->last, sizeof heard->last, "%.*s", SLICE_FMT(payload));
    }
    count_answer();
}

static void notifications_are_heard(void **)
{
    struct heard news = {0}, odd = {0}, late = {0};
    db_pipeline_listen(pipeline, "news", on_notify, &news);
    db_pipeline_listen(pipeline, "Odd \"one\"", on_notify, &odd);
    run_until_answered(2);
    assert_int_equal(news.beginnings + odd.beginnings, 2);
    sql_run(session, "notify news, 'one'; notify nobody, 'x'; notify \"Odd \"\"one\"\"\"");
    run_until_answered(2);
    assert_string_equal(news.last, "one");
    assert_int_equal(odd.count, 1);
    assert_string_equal(odd.last, "");
    db_pipeline_listen(pipeline, "news", on_notify, &late);
    run_until_answered(1);
    assert_int_equal(late.beginnings, 1);
    sql_run(session, "notify news, 'two'");
    run_until_answered(2);
    assert_string_equal(late.last, "two");
    assert_int_equal(news.count, 2);
}

static void listening_begins_again_after_a_loss(void **)
{
    struct heard news = {0};
    db_pipeline_listen(pipeline, "news", on_notify, &news);
    run_until_answered(1);
    terminate_all();
    run_until_answered(1);
    assert_int_equal(news.beginnings, 2);
    sql_run(session, "notify news, 'again'");
    run_until_answered(1);
    assert_string_equal(news.last, "again");
    postgres_stop();
    postgres_start();
    run_until_answered(1);
    assert_int_equal(news.beginnings, 3);
    assert_int_not_equal(
        db_session_query(session, sql_statement("select 1 as n", ""), NULL, NULL, NULL), ERR_OK);
    sql_run(session, "notify news, 'still'");
    run_until_answered(1);
    assert_string_equal(news.last, "still");
}

static void free_on_notify(void *data, const char *, struct slice payload)
{
    if (!payload.ptr)
        return;
    *(int *)data += 1;
    db_pipeline_free(pipeline);
    pipeline = NULL;
    loop_stop(loop);
}

static void a_pipeline_may_be_freed_by_a_notification(void **)
{
    int heard = 0;
    struct heard begun = {0};
    db_pipeline_listen(pipeline, "news", free_on_notify, &heard);
    db_pipeline_listen(pipeline, "news", on_notify, &begun);
    run_until_answered(1);
    sql_run(session, "notify news, 'a'; notify news, 'b'");
    loop_run(loop);
    assert_int_equal(heard, 1);
    assert_null(pipeline);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_query_is_answered),
        TEST(values_are_copied),
        TEST(errors_are_those_of_a_session),
        TEST(neighbours_do_not_harm_each_other),
        TEST(reads_of_a_turn_share_a_sync),
        TEST(a_failing_read_repeats_only_its_followers),
        TEST(slow_reads_go_alone),
        TEST(success_is_told_after_the_commit),
        TEST(too_many_are_refused),
        TEST(a_slow_query_is_stopped_and_its_neighbours_are_not),
        TEST(late_cancels_do_no_harm),
        TEST(what_waits_for_too_long_is_failed_too),
        TEST(a_server_that_hangs_is_given_up),
        TEST(reads_survive_the_loss_of_their_connection),
        TEST(a_read_that_kills_its_connection_is_not_repeated_for_ever),
        TEST(a_write_without_an_answer_is_said_to_be_unknown),
        TEST(a_server_that_is_away_is_told_soon),
        TEST(a_short_absence_is_not_noticed),
        TEST(an_address_that_leads_nowhere_is_told),
        TEST(a_busy_pipeline_may_be_freed),
        TEST(a_pipeline_may_be_freed_by_an_answer),
        TEST(an_answer_may_ask_again),
        TEST(statements_are_prepared_without_growing_for_ever),
        TEST(a_changed_schema_is_noticed),
        TEST(big_values_go_both_ways),
        TEST(notifications_are_heard),
        TEST(listening_begins_again_after_a_loss),
        TEST(a_pipeline_may_be_freed_by_a_notification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
