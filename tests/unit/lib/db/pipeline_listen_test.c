// Notifications.
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
    const struct CMUnitTest tests[] = {
        PIPELINE_TEST(notifications_are_heard),
        PIPELINE_TEST(listening_begins_again_after_a_loss),
        PIPELINE_TEST(a_pipeline_may_be_freed_by_a_notification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
