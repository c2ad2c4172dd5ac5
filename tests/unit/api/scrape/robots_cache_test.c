#include "api/scrape/robots_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 1024 * 1024 };

static void test_store_and_load(void **state)
{
    (void)state;
    struct robots_cache *cache = robots_cache_new();
    struct arena *arena = arena_new(ARENA_BYTES);
    struct robots_file file;
    assert_false(robots_cache_load(cache, SLICE("https://luma.com"), arena, &file));
    robots_cache_store(
        cache, SLICE("https://luma.com"),
        &(struct robots_file){.fetched_unix_ms = 5, .status = 200, .body = SLICE("abc")});
    robots_cache_store(cache, SLICE("http://luma.com"),
                       &(struct robots_file){.fetched_unix_ms = 6, .status = 404});
    assert_true(robots_cache_load(cache, SLICE("https://luma.com"), arena, &file));
    assert_int_equal(file.fetched_unix_ms, 5);
    assert_int_equal(file.status, 200);
    assert_true(slice_equal(file.body, SLICE("abc")));
    assert_true(robots_cache_load(cache, SLICE("http://luma.com"), arena, &file));
    assert_int_equal(file.status, 404);
    assert_null(file.body.ptr);
    // Again, with other news.
    robots_cache_store(cache, SLICE("https://luma.com"), &(struct robots_file){.status = 0});
    assert_true(robots_cache_load(cache, SLICE("https://luma.com"), arena, &file));
    assert_int_equal(file.status, 0);
    assert_null(file.body.ptr);
    arena_free(arena);
    robots_cache_free(cache);
    robots_cache_free(NULL);
}

static struct slice origin(struct arena *arena, int number)
{
    return slice_from_cstr(arena_printf(arena, "https://host%d.test", number));
}

static void test_bounded(void **state)
{
    (void)state;
    struct robots_cache *cache = robots_cache_new();
    struct arena *arena = arena_new(ARENA_BYTES);
    struct robots_file file;
    for (int i = 0; i < ROBOTS_CACHE_MAX; i++)
        robots_cache_store(cache, origin(arena, i),
                           &(struct robots_file){.status = i, .body = SLICE("x")});
    assert_true(robots_cache_load(cache, origin(arena, 0), arena, &file)); // now used last
    robots_cache_store(cache, origin(arena, 1000), &(struct robots_file){.status = 1000});
    assert_true(robots_cache_load(cache, origin(arena, 0), arena, &file));
    assert_false(robots_cache_load(cache, origin(arena, 1), arena, &file)); // made room
    assert_true(robots_cache_load(cache, origin(arena, 2), arena, &file));
    assert_true(robots_cache_load(cache, origin(arena, 1000), arena, &file));
    char longer[ROBOTS_CACHE_ORIGIN_BYTES + 1];
    memset(longer, 'a', sizeof longer);
    robots_cache_store(cache, (struct slice){longer, sizeof longer}, &file);
    assert_false(robots_cache_load(cache, (struct slice){longer, sizeof longer}, arena, &file));
    arena_free(arena);
    robots_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_and_load),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
