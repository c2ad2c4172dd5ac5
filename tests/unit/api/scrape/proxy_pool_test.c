#include "api/scrape/proxy_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include <cmocka.h>

enum { THREADS = 4, ROUNDS = 2000 };

static struct proxy_pool *pool_of(const char *list)
{
    struct proxy_pool *pool;
    struct error error = {0};
    if (proxy_pool_new(slice_from_cstr(list), &pool, &error) != ERR_OK)
        fail_msg("%s: %s", list, error.detail);
    return pool;
}

static size_t take(struct proxy_pool *pool, uint64_t now_ms)
{
    size_t number = SIZE_MAX;
    uint32_t wait_ms;
    return proxy_pool_take(pool, now_ms, &number, &wait_ms) ? number : SIZE_MAX;
}

static void test_list(void **state)
{
    (void)state;
    struct proxy_pool *pool = pool_of(" http://a.test:3128,\thttps://me:pw@b.test:443\n"
                                      "socks5://10.0.0.1:1080 socks5h://[::1]:1080, ");
    assert_int_equal(proxy_pool_count(pool), 4);
    assert_string_equal(proxy_pool_url(pool, 1), "https://me:pw@b.test:443");
    assert_string_equal(proxy_pool_name(pool, 1), "https://b.test:443");
    assert_string_equal(proxy_pool_name(pool, 2), "socks5://10.0.0.1:1080");
    assert_string_equal(proxy_pool_name(pool, 3), "socks5h://[::1]:1080");
    proxy_pool_free(pool);

    assert_null(pool_of(""));
    assert_null(pool_of(" , \n"));
    assert_int_equal(proxy_pool_count(NULL), 0);
    proxy_pool_free(NULL);

    static const char *const bad[] = {
        "a.test:3128",     "ftp://a.test:21",      "http://a.test", "http://",
        "http://a.test:x", "http://a.test:1/path", "socks9://a:1",  "http://a.test:1, secret@"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error error = {0};
        if (proxy_pool_new(slice_from_cstr(bad[i]), &pool, &error) != ERR_CONFIG_INVALID)
            fail_msg("accepted: %s", bad[i]);
        assert_null(pool);
        assert_null(strstr(error.detail, "secret"));
    }
    char many[PROXY_POOL_MAX * 16 + 64] = "";
    for (int i = 0; i <= PROXY_POOL_MAX; i++)
        snprintf(many + 15 * i, 16, "http://a:%05d,", i + 1);
    assert_int_equal(proxy_pool_new(slice_from_cstr(many), &pool, NULL), ERR_CONFIG_INVALID);
}

static void test_turns(void **state)
{
    (void)state;
    struct proxy_pool *pool = pool_of("http://a:1 http://b:1 http://c:1");
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(take(pool, 0), i % 3);
    proxy_pool_report(pool, 1, false, 0);
    assert_int_equal(take(pool, 0), 0);
    assert_int_equal(take(pool, 0), 2); // b rests
    assert_int_equal(take(pool, 0), 0);
    assert_int_equal(take(pool, PROXY_POOL_FIRST_REST_MS), 1);
    proxy_pool_free(pool);
}

static void test_rests(void **state)
{
    (void)state;
    struct proxy_pool *pool = pool_of("http://a:1");
    uint64_t now_ms = 1000, rest_ms = PROXY_POOL_FIRST_REST_MS;
    size_t number;
    uint32_t wait_ms;
    for (uint32_t failures = 1; failures < 40; failures++) {
        assert_int_equal(take(pool, now_ms), 0);
        proxy_pool_report(pool, 0, false, now_ms);
        // A request of another worker, still under way then, fails too: not one more failure in a row.
        proxy_pool_report(pool, 0, false, now_ms + 1);
        assert_int_equal(proxy_pool_state(pool, 0, now_ms).failures_in_a_row, failures);
        assert_int_equal(proxy_pool_state(pool, 0, now_ms).rests_ms, rest_ms);
        assert_false(proxy_pool_take(pool, now_ms + rest_ms - 1, &number, &wait_ms));
        assert_int_equal(wait_ms, 1);
        now_ms += rest_ms;
        rest_ms *= 2;
        if (rest_ms > PROXY_POOL_LONGEST_REST_MS)
            rest_ms = PROXY_POOL_LONGEST_REST_MS;
    }
    proxy_pool_report(pool, 0, true, now_ms);
    assert_int_equal(proxy_pool_state(pool, 0, now_ms).failures_in_a_row, 0);
    assert_int_equal(proxy_pool_state(pool, 0, now_ms).rests_ms, 0);
    assert_int_equal(proxy_pool_state(pool, 0, now_ms).requests, 79);
    assert_int_equal(proxy_pool_state(pool, 0, now_ms).failures, 78);
    proxy_pool_report(pool, 0, false, now_ms); // and it begins anew
    assert_int_equal(proxy_pool_state(pool, 0, now_ms).rests_ms, PROXY_POOL_FIRST_REST_MS);
    proxy_pool_free(pool);
}

static void test_soonest(void **state)
{
    (void)state;
    struct proxy_pool *pool = pool_of("http://a:1 http://b:1");
    proxy_pool_report(pool, 0, false, 100);
    proxy_pool_report(pool, 1, false, 50);
    size_t number;
    uint32_t wait_ms = 0;
    assert_false(proxy_pool_take(pool, 100, &number, &wait_ms));
    assert_int_equal(wait_ms, PROXY_POOL_FIRST_REST_MS - 50);
    proxy_pool_free(pool);
}

static void *work(void *user)
{
    struct proxy_pool *pool = user;
    for (int i = 0; i < ROUNDS; i++) {
        size_t number = take(pool, 0);
        proxy_pool_report(pool, number, true, 0);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct proxy_pool *pool = pool_of("http://a:1 http://b:1 http://c:1 http://d:1");
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, pool), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(proxy_pool_state(pool, i, 0).requests, THREADS * ROUNDS / 4);
    proxy_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),    cmocka_unit_test(test_turns),
        cmocka_unit_test(test_rests),   cmocka_unit_test(test_soonest),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
