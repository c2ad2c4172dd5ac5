// Who is told of statements, and on whose behalf they ran.
#include "lib/db/observe.h"

#include "lib/base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct {
    size_t count;
    char statement[64], request_id[64];
    uint64_t duration_ns;
    enum err error;
} told;

static void on_statement(const struct db_observation *observation)
{
    told.count++;
    snprintf(told.statement, sizeof told.statement, "%s", observation->statement);
    snprintf(told.request_id, sizeof told.request_id, "%s", observation->request_id);
    told.duration_ns = observation->duration_ns;
    told.error = observation->error;
}

static void the_observer_is_told(void **state)
{
    (void)state;
    uint64_t started_ns = clock_monotonic_ns() - 5000000;
    db_tell_observer("a/b", started_ns, ERR_OK, "");
    assert_int_equal(told.count, 0);
    db_observe(on_statement);
    db_tell_observer("a/b", started_ns, ERR_TIMEOUT, "r-1");
    assert_int_equal(told.count, 1);
    assert_string_equal(told.statement, "a/b");
    assert_string_equal(told.request_id, "r-1");
    assert_int_equal(told.error, ERR_TIMEOUT);
    assert_true(told.duration_ns >= 5000000);
    db_observe(NULL);
    db_tell_observer("a/b", started_ns, ERR_OK, "");
    assert_int_equal(told.count, 1);
}

static void *other_thread(void *data)
{
    snprintf(data, DB_REQUEST_ID_BYTES, "<%s>", db_request());
    db_set_request("theirs");
    return NULL;
}

static void a_thread_has_its_own_request(void **state)
{
    (void)state;
    char seen[DB_REQUEST_ID_BYTES], longest[200];
    assert_string_equal(db_request(), "");
    db_set_request("mine");
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, other_thread, seen), 0);
    pthread_join(thread, NULL);
    assert_string_equal(seen, "<>");
    assert_string_equal(db_request(), "mine");
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    db_set_request(longest);
    assert_int_equal(strlen(db_request()), DB_REQUEST_ID_BYTES - 1);
    db_set_request(NULL);
    assert_string_equal(db_request(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_observer_is_told),
        cmocka_unit_test(a_thread_has_its_own_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
