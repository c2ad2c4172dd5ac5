#include "extractor/llm/budget.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY 86400000LL
static char folder[64], path[96];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/budget_test.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/tokens", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char name[128];
    static const char *const endings[] = {"", ".lock", ".new"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
    return rmdir(folder);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_day_has_its_tokens(const char *where)
{
    struct llm_budget *budget = llm_budget_new(where, 100);
    assert_true(llm_budget_take(budget, 5 * DAY, 60, NULL));
    assert_false(llm_budget_take(budget, 5 * DAY + 1, 41, NULL));
    llm_budget_settle(budget, 5 * DAY, 5 * DAY + 2, 60, 10);
    assert_true(llm_budget_take(budget, 5 * DAY + 3, 90, NULL));
    // More was spent than taken, and than there was.
    llm_budget_settle(budget, 5 * DAY, 5 * DAY + 4, 90, 500);
    assert_false(llm_budget_take(budget, 6 * DAY - 1, 1, NULL));
    assert_true(llm_budget_take(budget, 6 * DAY, 100, NULL));
    assert_false(llm_budget_take(budget, 5 * DAY, 1, NULL)); // the clock was set back
    llm_budget_settle(budget, 6 * DAY, 7 * DAY, 100, 0);     // of yesterday
    assert_true(llm_budget_take(budget, 7 * DAY, 100, NULL));
    assert_false(llm_budget_take(budget, 7 * DAY, 1, NULL));
    llm_budget_free(budget);
}

static void in_memory(void **state)
{
    (void)state;
    a_day_has_its_tokens(NULL);
}

static void in_a_file(void **state)
{
    (void)state;
    a_day_has_its_tokens(path);
}

static void without_a_limit_it_counts(void **state)
{
    (void)state;
    struct llm_budget *budget = llm_budget_new(path, 0);
    for (int i = 0; i < 5; i++)
        assert_true(llm_budget_take(budget, DAY, 1000000000, NULL));
    llm_budget_free(budget);
}

static void it_outlives_the_process(void **state)
{
    (void)state;
    struct llm_budget *one = llm_budget_new(path, 100), *other = llm_budget_new(path, 100);
    assert_true(llm_budget_take(one, DAY, 50, NULL));
    assert_true(llm_budget_take(other, DAY, 30, NULL));
    assert_false(llm_budget_take(one, DAY, 30, NULL));
    llm_budget_free(one);
    one = llm_budget_new(path, 100);
    assert_true(llm_budget_take(one, DAY, 20, NULL));
    assert_false(llm_budget_take(other, DAY, 1, NULL));
    llm_budget_free(one);
    llm_budget_free(other);
}

static void what_cannot_be_read_is_used_up(void **state)
{
    (void)state;
    static const char *const broken[] = {"", "much", "1", "1 -5", "1 99999999999999999999"};
    struct llm_budget *budget = llm_budget_new(path, 100);
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct error error = {0};
        write_file(broken[i]);
        assert_false(llm_budget_take(budget, DAY, 1, &error));
        assert_int_equal(error.code, ERR_IO);
    }
    write_file("1 99\n");
    assert_true(llm_budget_take(budget, DAY, 1, NULL));
    llm_budget_free(budget);
    budget = llm_budget_new("/nowhere/at/all", 100);
    assert_false(llm_budget_take(budget, DAY, 1, NULL));
    llm_budget_free(budget);
}

static void *take_many(void *data)
{
    struct llm_budget *budget = data;
    intptr_t taken = 0;
    for (int i = 0; i < 60; i++)
        taken += llm_budget_take(budget, DAY, 1, NULL);
    return (void *)taken; // NOLINT
}

static void threads_and_processes_share_it(void **state)
{
    (void)state;
    struct llm_budget *budgets[] = {llm_budget_new(path, 100), llm_budget_new(path, 100)};
    pthread_t threads[4];
    intptr_t taken = 0;
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, budgets[i % 2]), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *result;
        pthread_join(threads[i], &result);
        taken += (intptr_t)result;
    }
    assert_int_equal(taken, 100);
    llm_budget_free(budgets[0]);
    llm_budget_free(budgets[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(in_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_limit_it_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(it_outlives_the_process, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_used_up, setup, teardown),
        cmocka_unit_test_setup_teardown(threads_and_processes_share_it, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
