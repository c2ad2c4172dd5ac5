#include "lib/account/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct account_cache *cache;

static int set_up(void **state)
{
    (void)state;
    cache = account_cache_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    account_cache_free(cache);
    return 0;
}

// The digest of the key with this number.
static const uint8_t *digest_of(int number)
{
    static uint8_t digests[4][DIGEST_SHA256_BYTES];
    static size_t next;
    char text[32];
    uint8_t *digest = digests[next++ % 4];
    snprintf(text, sizeof text, "key %d", number);
    digest_sha256(slice_from_cstr(text), digest);
    return digest;
}

static struct account account_of(int number)
{
    struct account account = {.role = ACCOUNT_WRITER};
    snprintf(account.key_id, sizeof account.key_id, "id %d", number);
    return account;
}

static void store(int number, uint64_t now_ms, uint64_t expires_ms, uint64_t generation)
{
    struct account account = account_of(number);
    account_cache_store(cache, digest_of(number), &account, now_ms, expires_ms, generation);
}

static void store_bad(int number, uint64_t now_ms)
{
    account_cache_store(cache, digest_of(number), NULL, now_ms, UINT64_MAX,
                        account_cache_generation(cache));
}

static enum account_cached find(int number, uint64_t now_ms)
{
    struct account account = {0};
    enum account_cached found = account_cache_find(cache, digest_of(number), now_ms, &account);
    if (found == ACCOUNT_CACHED_GOOD)
        assert_string_equal(account.key_id, account_of(number).key_id);
    return found;
}

static void remembers_for_a_while(void **state)
{
    (void)state;
    assert_int_equal(find(1, 0), ACCOUNT_CACHED_NOT);
    store(1, 1000, UINT64_MAX, 0);
    store_bad(2, 1000);
    const uint64_t end = 1000 + ACCOUNT_CACHE_GOOD_FOR_MS;
    assert_int_equal(find(1, end - 1), ACCOUNT_CACHED_GOOD);
    assert_int_equal(find(2, end - 1), ACCOUNT_CACHED_BAD);
    assert_int_equal(find(1, end), ACCOUNT_CACHED_NOT);
    assert_int_equal(find(2, end), ACCOUNT_CACHED_NOT);
    assert_true(account_cache_was_good(cache, digest_of(1)));
    assert_false(account_cache_was_good(cache, digest_of(2)));
}

static void ends_with_the_key(void **state)
{
    (void)state;
    store(1, 1000, 1300, 0);
    assert_int_equal(find(1, 1299), ACCOUNT_CACHED_GOOD);
    assert_int_equal(find(1, 1300), ACCOUNT_CACHED_NOT);
    store_bad(1, 1300); // which is what the database says then
    assert_int_equal(find(1, 1300), ACCOUNT_CACHED_BAD);
    assert_false(account_cache_was_good(cache, digest_of(1)));
}

static void guesses_leave_good_keys_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        store(i, 0, UINT64_MAX, 0);
    size_t before = 0, after = 0;
    for (int i = 0; i < 20; i++)
        before += find(i, 1) == ACCOUNT_CACHED_GOOD; // two of them might have met
    for (int i = 100; i < 20000; i++)
        store_bad(i, 0);
    for (int i = 0; i < 20; i++)
        after += find(i, 1) == ACCOUNT_CACHED_GOOD;
    assert_true(before >= 18);
    assert_int_equal(after, before);
}

static void a_changed_key_is_forgotten(void **state)
{
    (void)state;
    store(1, 0, UINT64_MAX, 0);
    store(2, 0, UINT64_MAX, 0);
    account_cache_forget(cache, slice_from_cstr("id 1"));
    assert_int_equal(find(1, 1), ACCOUNT_CACHED_NOT);
    assert_false(account_cache_was_good(cache, digest_of(1)));
    assert_int_equal(find(2, 1), ACCOUNT_CACHED_GOOD);
    account_cache_forget(cache, (struct slice){0});
    assert_int_equal(find(2, 1), ACCOUNT_CACHED_NOT);
}

// The answer to a lookup that began before the change may be older than the change.
static void an_answer_from_before_a_change_is_not_stored(void **state)
{
    (void)state;
    uint64_t generation = account_cache_generation(cache);
    account_cache_forget(cache, slice_from_cstr("id 1"));
    store(1, 0, UINT64_MAX, generation);
    assert_int_equal(find(1, 1), ACCOUNT_CACHED_NOT);
    account_cache_store(cache, digest_of(1), NULL, 0, UINT64_MAX, generation);
    assert_int_equal(find(1, 1), ACCOUNT_CACHED_NOT);
    store(1, 0, UINT64_MAX, account_cache_generation(cache));
    assert_int_equal(find(1, 1), ACCOUNT_CACHED_GOOD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(remembers_for_a_while),
        TEST(ends_with_the_key),
        TEST(guesses_leave_good_keys_alone),
        TEST(a_changed_key_is_forgotten),
        TEST(an_answer_from_before_a_change_is_not_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
