#include "extractor/llm/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct llm_breaker breaker;

static int setup(void **state)
{
    (void)state;
    llm_breaker_init(&breaker);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    llm_breaker_done(&breaker);
    return 0;
}

static void fail_until_open(uint64_t now)
{
    for (int i = 1; i <= LLM_BREAKER_FAILURES; i++) {
        assert_true(llm_breaker_enter(&breaker, now));
        assert_int_equal(llm_breaker_failed(&breaker, now, 0), i == LLM_BREAKER_FAILURES);
    }
}

static void it_opens_after_failures_in_a_row(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * LLM_BREAKER_FAILURES; i++) {
        assert_true(llm_breaker_enter(&breaker, 0));
        if (i % 2)
            llm_breaker_succeeded(&breaker);
        else
            assert_false(llm_breaker_failed(&breaker, 0, 0));
    }
    fail_until_open(1000);
    assert_false(llm_breaker_enter(&breaker, 1000 + LLM_BREAKER_PAUSE_MS - 1));
}

static void one_request_finds_out(void **state)
{
    (void)state;
    uint64_t now = 1000;
    fail_until_open(now);
    now += LLM_BREAKER_PAUSE_MS;
    assert_true(llm_breaker_enter(&breaker, now));
    assert_false(llm_breaker_enter(&breaker, now)); // the others wait for it
    assert_false(llm_breaker_failed(&breaker, now, 0));
    // The next pause is twice as long.
    assert_false(llm_breaker_enter(&breaker, now + 2 * LLM_BREAKER_PAUSE_MS - 1));
    now += 2 * (uint64_t)LLM_BREAKER_PAUSE_MS;
    assert_true(llm_breaker_enter(&breaker, now));
    llm_breaker_left(&breaker); // it could not be found out
    assert_true(llm_breaker_enter(&breaker, now));
    llm_breaker_succeeded(&breaker);
    assert_true(llm_breaker_enter(&breaker, now) && llm_breaker_enter(&breaker, now));
    fail_until_open(now);
    assert_true(llm_breaker_enter(&breaker, now + LLM_BREAKER_PAUSE_MS));
}

static void pauses_end(void **state)
{
    (void)state;
    uint64_t now = 0;
    fail_until_open(now);
    for (int i = 0; i < 20; i++) {
        now += LLM_BREAKER_MAX_PAUSE_MS;
        assert_true(llm_breaker_enter(&breaker, now));
        (void)llm_breaker_failed(&breaker, now, 0);
    }
    assert_false(llm_breaker_enter(&breaker, now + LLM_BREAKER_MAX_PAUSE_MS - 1));
}

static void it_is_held_open_as_told(void **state)
{
    (void)state;
    assert_true(llm_breaker_failed(&breaker, 100, 7000));
    assert_false(llm_breaker_enter(&breaker, 7099));
    assert_true(llm_breaker_enter(&breaker, 7100));
}

static void what_was_under_way_does_not_prolong_it(void **state)
{
    (void)state;
    fail_until_open(0);
    for (int i = 0; i < 10; i++)
        assert_false(llm_breaker_failed(&breaker, LLM_BREAKER_PAUSE_MS - 1, 0));
    assert_true(llm_breaker_enter(&breaker, LLM_BREAKER_PAUSE_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_opens_after_failures_in_a_row, setup, teardown),
        cmocka_unit_test_setup_teardown(one_request_finds_out, setup, teardown),
        cmocka_unit_test_setup_teardown(pauses_end, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_held_open_as_told, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_under_way_does_not_prolong_it, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
