// The queue on a real database: every job done exactly once, whoever dies.
#include "lib/queue/queue.h"

#include "lib/base/clock.h"
#include "lib/db/migrate.h"
#include "lib/log/log.h"
#include "statements.gen.h"
#include "support/postgres.h"

#include <libpq-fe.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static PGconn *admin;

static struct db_options options(void)
{
    return (struct db_options){.url = postgres_url(), .application_name = "test"};
}

static PGresult *query(const char *sql)
{
    PGresult *result = PQexec(admin, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(admin));
    return result;
}

static void script(const char *sql)
{
    PQclear(query(sql));
}

static int64_t number(const char *sql)
{
    PGresult *result = query(sql);
    int64_t value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return value;
}

// Waits until a query gives a value; the deadline only ends a broken test.
static void wait_for(const char *sql, int64_t value)
{
    uint64_t deadline = clock_monotonic_ms() + 30000;
    while (number(sql) != value) {
        if (clock_monotonic_ms() > deadline)
            fail_msg("still %lld, not %lld: %s", (long long)number(sql), (long long)value, sql);
        usleep(5000);
    }
}

// Scrapes of events that nobody knows yet, beside what is there.
static void enqueue_more(const char *prefix, int count)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "select count(*) from request_scrapes("
             "array(select 'https://luma.com/%s' || i from generate_series(1, %d) i),"
             "array(select '%s' || i from generate_series(1, %d) i), false, '0', 'test', true)",
             prefix, count, prefix, count);
    script(sql);
}

// The same on empty tables. Not while a pool runs: what it claims and what is truncated lock each other out.
static void enqueue(int count)
{
    script("truncate events, jobs, batches, batch_items cascade");
    enqueue_more("e", count);
}

static int setup(void **state)
{
    (void)state;
    const struct db_options db = options();
    struct error error = {0};
    log_init("test", LOG_ERROR, LOG_TEXT);
    struct db_session *session = db_session_new(&db);
    if (db_migrate(session, NULL, NULL, &error))
        fail_msg("%s", error.detail);
    db_session_free(session);
    admin = PQconnectdb(postgres_url());
    script("set client_min_messages = warning");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    PQfinish(admin);
    return 0;
}

// What the runs of a test do, and what they count.
struct script {
    atomic_int runs, conflicts;
    enum err answer; // ERR_OK: completes
    uint32_t retry_after_ms;
    bool is_final;
    atomic_bool holds; // a run waits until this is taken back
};

static enum err run(void *worker, struct db_session *session, const struct queue_job *job,
                    struct arena *arena, struct queue_outcome *outcome, struct error *ret_error)
{
    struct script *plan = worker;
    (void)arena;
    atomic_fetch_add(&plan->runs, 1);
    while (atomic_load(&plan->holds))
        usleep(1000);
    if (plan->answer == ERR_CONFLICT && atomic_fetch_add(&plan->conflicts, 1) < 3)
        return error_set(ret_error, ERR_CONFLICT, "lost a race");
    if (plan->answer && plan->answer != ERR_CONFLICT) {
        outcome->retry_after_ms = plan->retry_after_ms;
        outcome->is_final = plan->is_final;
        return error_set(ret_error, plan->answer, "as planned");
    }
    const struct db_value close[] = {db_cstr(job->event_id), db_cstr("processed"), db_null()};
    enum err err = db_session_begin(session, ret_error);
    if (!err)
        err = queue_complete(session, job, ret_error);
    if (!err)
        err = db_session_query(session, &sql_events_close_event, close, NULL, ret_error);
    return err ? err : db_session_commit(session, ret_error);
}

static void *same(void *context)
{
    return context;
}

static void nothing(void *worker)
{
    (void)worker;
}

static struct queue_pool_options pool_options(void *plan, size_t workers, uint32_t lease_ms)
{
    return (struct queue_pool_options){.kinds = {{"scrape", run}},
                                       .db = options(),
                                       .workers = workers,
                                       .lease_ms = lease_ms,
                                       .drain_ms = 5000,
                                       .arena_bytes = 1024 * 1024,
                                       .worker_new = same,
                                       .worker_free = nothing,
                                       .context = plan};
}

// The one of the test that runs.
static struct queue_pool *running;
static struct script *running_plan;

static void start_pool(const struct queue_pool_options *pool)
{
    struct error error = {0};
    assert_null(running);
    assert_int_equal(queue_pool_start(pool, &running, &error), ERR_OK);
}

static void stop(void)
{
    struct queue_pool *pool = running;
    running = NULL;
    queue_pool_stop(pool);
}

// After a test that failed: its pool would take the jobs of the next ones.
static int stop_what_is_left(void **state)
{
    (void)state;
    if (running_plan)
        atomic_store(&running_plan->holds, false);
    running_plan = NULL;
    if (running)
        stop();
    return 0;
}

static void start(struct script *plan, size_t workers, uint32_t lease_ms)
{
    const struct queue_pool_options pool = pool_options(plan, workers, lease_ms);
    running_plan = plan;
    start_pool(&pool);
}

static void every_job_is_done_once(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){0};
    enqueue(200);
    start(&plan, 4, 10000);
    wait_for("select count(*) from jobs where state = 'completed'", 200);
    stop();
    assert_int_equal(atomic_load(&plan.runs), 200);
    assert_int_equal(number("select count(*) from jobs where attempt <> 1"), 0);
    assert_int_equal(number("select count(*) from batch_items where state <> 'done'"), 0);
}

static void a_pool_wakes_up_for_new_jobs(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){0};
    enqueue(1);
    start(&plan, 2, 10000);
    wait_for("select count(*) from jobs where state = 'completed'", 1);
    enqueue_more("late", 5);
    wait_for("select count(*) from jobs where state = 'completed'", 6);
    stop();
}

static void failures_that_can_pass_are_tried_again_until_they_cannot(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){.answer = ERR_UPSTREAM_ERROR};
    enqueue(1);
    script("update jobs set max_attempts = 2");
    start(&plan, 1, 10000);
    wait_for("select count(*) from jobs where state = 'retryable'", 1);
    assert_int_equal(number("select count(*) from events where processing_status = 'queued'"), 1);
    assert_int_equal(number("select count(*) from batch_items where state = 'pending'"), 1);
    assert_int_equal(number("select count(*) from jobs where scheduled_at > now()"), 1);
    script("update jobs set scheduled_at = now(); notify jobs_scrape");
    wait_for(
        "select count(*) from jobs where state = 'discarded' and error_code = 'upstream_error'", 1);
    stop();
    assert_int_equal(atomic_load(&plan.runs), 2);
    assert_int_equal(number("select count(*) from events where processing_status = 'failed' and "
                            "processing_error = 'upstream_error'"),
                     1);
    assert_int_equal(number("select count(*) from batch_items where state = 'failed'"), 1);
}

static void failures_for_good_end_at_once(void **state)
{
    (void)state;
    static struct script plans[] = {{.answer = ERR_PAGE_NOT_FOUND},
                                    {.answer = ERR_UPSTREAM_ERROR, .is_final = true}};
    for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
        enqueue(1);
        start(&plans[i], 1, 10000);
        wait_for("select count(*) from jobs where state = 'discarded'", 1);
        stop();
        assert_int_equal(atomic_load(&plans[i].runs), 1);
    }
}

static void the_sites_wish_is_obeyed(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){.answer = ERR_UPSTREAM_BUSY, .retry_after_ms = 3600 * 1000};
    enqueue(1);
    start(&plan, 1, 10000);
    wait_for("select count(*) from jobs where state = 'retryable'", 1);
    stop();
    assert_int_equal(
        number("select count(*) from jobs where scheduled_at > now() + interval '59 minutes'"), 1);
}

static void lost_races_are_repeated_at_once(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){.answer = ERR_CONFLICT};
    enqueue(1);
    start(&plan, 1, 10000);
    wait_for("select count(*) from jobs where state = 'completed' and attempt = 1", 1);
    stop();
    assert_int_equal(atomic_load(&plan.runs), 4);
}

static void jobs_of_the_dead_are_done_by_others(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){0};
    enqueue(3);
    script("update jobs set state = 'executing', attempt = 1, attempted_by = 'dead', lease_until = "
           "now() - interval '1 s'");
    start(&plan, 2, 1000);
    wait_for("select count(*) from jobs where state = 'completed' and attempt = 2", 3);
    stop();
    assert_int_equal(atomic_load(&plan.runs), 3);
}

static void the_dead_cannot_complete(void **state)
{
    (void)state;
    struct error error = {0};
    const struct db_options db = options();
    enqueue(1);
    script("update jobs set state = 'executing', attempt = 2, attempted_by = 'alive', "
           "lease_until = now() + interval '1 hour'");
    struct db_session *session = db_session_new(&db);
    struct queue_job job = {.worker = "dead", .attempt = 1};
    PGresult *id = query("select id from jobs");
    snprintf(job.id, sizeof job.id, "%s", PQgetvalue(id, 0, 0));
    PQclear(id);
    assert_int_equal(queue_complete(session, &job, &error), ERR_LEASE_LOST);
    assert_int_equal(queue_begin(session, &job, &error), ERR_LEASE_LOST);
    db_session_rollback(session);
    job.worker = "alive"; // the same worker, an earlier attempt
    assert_int_equal(queue_begin(session, &job, &error), ERR_LEASE_LOST);
    db_session_rollback(session);
    assert_int_equal(queue_complete(session, &job, &error), ERR_LEASE_LOST);
    job.attempt = 2;
    assert_int_equal(queue_begin(session, &job, &error), ERR_OK);
    assert_int_equal(db_session_commit(session, &error), ERR_OK);
    assert_int_equal(queue_complete(session, &job, &error), ERR_OK);
    db_session_free(session);
}

static void one_job_of_a_kind_runs_for_an_event(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){0};
    enqueue(1);
    script("update jobs set state = 'executing', attempt = 1, attempted_by = 'busy', "
           "lease_until = now() + interval '1 hour'");
    script("select * from request_scrapes(array['https://luma.com/e1'], array['e1'], true, '0', "
           "'again', false)");
    assert_int_equal(number("select count(*) from jobs"), 2);
    script("select * from request_scrapes(array['https://luma.com/e1'], array['e1'], true, '0', "
           "'again', false)");
    assert_int_equal(number("select count(*) from jobs"), 2); // joined the waiting one
    start(&plan, 2, 60000);
    script("insert into events (name, luma_url) values ('other', 'https://luma.com/other')");
    script("select * from request_scrapes(array['https://luma.com/other2'], array['o'], false, "
           "'0', 'r', false)");
    wait_for("select count(*) from jobs where state = 'completed'",
             1); // the other event's went through
    assert_int_equal(number("select count(*) from jobs where state = 'available'"), 1);
    script("update jobs set state = 'completed' where attempted_by = 'busy'; notify jobs_scrape");
    wait_for("select count(*) from jobs where state = 'completed'", 3);
    stop();
}

// Jobs of dead workers are tried as often as their pool tries, a hundred of them in one step.
static void the_dead_are_tried_no_more_often(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){0};
    enqueue(120);
    script("update jobs set state = 'executing', attempt = 2, attempted_by = 'dead', lease_until = "
           "now() - interval '1 s'");
    struct queue_pool_options options = pool_options(&plan, 1, 60000);
    options.max_attempts = 2;
    start_pool(&options);
    wait_for("select count(*) from jobs where state = 'discarded' and error_code = 'lease_lost'",
             100); // the rest follows in the next round
    stop();
    assert_int_equal(atomic_load(&plan.runs), 0);
    assert_int_equal(number("select count(*) from events where processing_status = 'failed'"), 100);
}

static void a_pool_that_is_told_to_stop_claims_nothing_new(void **state)
{
    (void)state;
    static struct script plan;
    plan = (struct script){0};
    atomic_store(&plan.holds, true);
    enqueue(1);
    // Told while it works: a claim that is under way already could still bring something.
    start(&plan, 1, 60000);
    wait_for("select count(*) from jobs where state = 'executing'", 1);
    queue_pool_begin_stop(running);
    script("select count(*) from request_scrapes(array['https://luma.com/late'], array['late'], "
           "false, '0', 'test', true)");
    atomic_store(&plan.holds, false);
    stop();
    assert_int_equal(atomic_load(&plan.runs), 1);
    assert_int_equal(number("select count(*) from jobs where state = 'available'"), 1);
    queue_pool_begin_stop(NULL);
}

// ------------------------------------------------------------------------------- jobs that stand for themselves

// Says how far it is until somebody ends it or stop_at is reached.
struct march {
    atomic_int steps, runs;
    int stop_at;
    int64_t size; // of a step; 0: 1
};

static enum err march(void *worker, struct db_session *session, const struct queue_job *job,
                      struct arena *arena, struct queue_outcome *outcome, struct error *ret_error)
{
    struct march *march = worker;
    (void)arena, (void)outcome;
    atomic_fetch_add(&march->runs, 1);
    assert_string_equal(job->event_id, "");
    assert_true(slice_equal(job->args, SLICE("{\"a\": 1}")));
    for (int step = 1; step <= march->stop_at; step++) {
        atomic_store(&march->steps, step);
        int64_t size = march->size ? march->size : 1;
        enum err err = queue_progress(session, job, step * size, march->stop_at * size, ret_error);
        if (err)
            return err;
        if (march->stop_at > 1000)
            usleep(2000);
    }
    return queue_complete_with(session, job, SLICE("{\"found\": 7}"), ret_error);
}

static void start_march(struct march *march_plan)
{
    struct queue_pool_options options = pool_options(march_plan, 1, 2000);
    options.kinds[0] = (struct queue_kind){"quality", march};
    options.kinds[1] = (struct queue_kind){"deduplicate", march};
    options.drain_ms = 0;
    start_pool(&options);
}

#define ENQUEUE \
    "truncate jobs cascade; select enqueue_job('deduplicate', '{\"a\": 1}', 'k', 'r', 5)"

static void a_job_of_its_own_tells_progress_and_result(void **state)
{
    (void)state;
    static struct march plan;
    plan = (struct march){.stop_at = 3};
    script(ENQUEUE);
    start_march(&plan);
    wait_for("select count(*) from jobs where state = 'completed' and progress_done = 3 and "
             "progress_total = 3 and result->>'found' = '7'",
             1);
    stop();
}

static void progress_beyond_what_a_column_holds_is_no_failure(void **state)
{
    (void)state;
    static struct march plan;
    plan = (struct march){.stop_at = 2, .size = INT64_C(1) << 40};
    script(ENQUEUE);
    start_march(&plan);
    wait_for("select count(*) from jobs where state = 'completed' and attempt = 1 and "
             "progress_done = 2147483647 and progress_total = 2147483647",
             1);
    stop();
}

static void arguments_that_are_too_long_end_the_job_only(void **state)
{
    (void)state;
    static struct march plan;
    plan = (struct march){.stop_at = 1};
    script(ENQUEUE);
    script("begin; alter table jobs drop constraint jobs_args_check; select "
           "enqueue_job('quality', json_build_object('a', repeat('x', 1100000)), 'long', 'r', 1); "
           "commit");
    start_march(&plan);
    wait_for("select count(*) from jobs where state = 'completed'", 1);
    wait_for("select count(*) from jobs where state = 'discarded' and same_key = 'long'", 1);
    stop();
    script("truncate jobs cascade; alter table jobs add constraint jobs_args_check check "
           "(octet_length(args::text) <= 1048576)");
    assert_int_equal(atomic_load(&plan.runs), 1);
}

static void a_running_job_is_cancelled(void **state)
{
    (void)state;
    static struct march plan;
    plan = (struct march){.stop_at = 100000};
    script(ENQUEUE);
    start_march(&plan);
    wait_for("select count(*) from jobs where state = 'executing' and progress_done > 2", 1);
    script("select cancel_job(id) from jobs");
    wait_for("select count(*) from jobs where state = 'cancelled' and error_code = 'cancelled' and "
             "completed_at is not null",
             1);
    assert_in_range(atomic_load(&plan.steps), 3, 99999);
    // Tried again it starts over.
    plan.stop_at = 2;
    script("select retry_jobs(array(select id from jobs))");
    wait_for("select count(*) from jobs where state = 'completed' and progress_done = 2 and not "
             "cancel_requested",
             1);
    stop();
    assert_int_equal(atomic_load(&plan.runs), 2);
}

static void a_long_job_ends_when_its_pool_stops_and_starts_over(void **state)
{
    (void)state;
    static struct march plan;
    plan = (struct march){.stop_at = INT_MAX};
    script(ENQUEUE);
    start_march(&plan);
    wait_for("select count(*) from jobs where state = 'executing' and progress_done > 2", 1);
    stop();
    assert_int_equal(number("select count(*) from jobs where state = 'retryable' and error_code = "
                            "'shutting_down'"),
                     1);
    plan.stop_at = 2;
    script("update jobs set scheduled_at = now()");
    start_march(&plan);
    wait_for("select count(*) from jobs where state = 'completed' and progress_done = 2", 1);
    stop();
}

static void a_job_of_its_own_is_taken_over_from_the_dead(void **state)
{
    (void)state;
    static struct march plan;
    plan = (struct march){.stop_at = 4};
    script(ENQUEUE);
    script("update jobs set state = 'executing', attempt = 1, attempted_by = 'dead', "
           "progress_done = 2, lease_until = now() - interval '1 s'");
    start_march(&plan);
    wait_for("select count(*) from jobs where state = 'completed' and attempt = 2 and "
             "progress_done = 4",
             1);
    stop();
}

static void backoff_grows_to_five_minutes(void **state)
{
    (void)state;
    uint32_t last = 0;
    for (int attempt = 1; attempt < 9; attempt++) {
        uint32_t delay = queue_backoff_ms(attempt);
        assert_true(delay > last && delay >= 1000);
        last = delay;
    }
    for (int attempt = 10; attempt < 40; attempt++)
        assert_in_range(queue_backoff_ms(attempt), 300000, 330000);
}

#define TEST_OF_A_POOL(name) cmocka_unit_test_teardown(name, stop_what_is_left)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_OF_A_POOL(every_job_is_done_once),
        TEST_OF_A_POOL(a_pool_wakes_up_for_new_jobs),
        TEST_OF_A_POOL(failures_that_can_pass_are_tried_again_until_they_cannot),
        TEST_OF_A_POOL(failures_for_good_end_at_once),
        TEST_OF_A_POOL(the_sites_wish_is_obeyed),
        TEST_OF_A_POOL(lost_races_are_repeated_at_once),
        TEST_OF_A_POOL(jobs_of_the_dead_are_done_by_others),
        cmocka_unit_test(the_dead_cannot_complete),
        TEST_OF_A_POOL(one_job_of_a_kind_runs_for_an_event),
        TEST_OF_A_POOL(the_dead_are_tried_no_more_often),
        TEST_OF_A_POOL(a_pool_that_is_told_to_stop_claims_nothing_new),
        TEST_OF_A_POOL(a_job_of_its_own_tells_progress_and_result),
        TEST_OF_A_POOL(progress_beyond_what_a_column_holds_is_no_failure),
        TEST_OF_A_POOL(arguments_that_are_too_long_end_the_job_only),
        TEST_OF_A_POOL(a_running_job_is_cancelled),
        TEST_OF_A_POOL(a_long_job_ends_when_its_pool_stops_and_starts_over),
        TEST_OF_A_POOL(a_job_of_its_own_is_taken_over_from_the_dead),
        cmocka_unit_test(backoff_grows_to_five_minutes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
