#include "api/scrape/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ARENA_BYTES = 1024 * 1024 };

static struct origin_override *override_of(const char *text)
{
    struct origin_override *override;
    struct error error = {0};
    if (origin_override_new(slice_from_cstr(text), &override, &error) != ERR_OK)
        fail_msg("%s: %s", text, error.detail);
    return override;
}

static void test_apply(void **state)
{
    (void)state;
    static const struct {
        const char *override, *url, *wanted; // NULL: not of that origin
    } rows[] = {
        {"https://luma.com=http://127.0.0.1:8099", "https://luma.com/abc",
         "http://127.0.0.1:8099/abc"},
        {"https://luma.com=http://127.0.0.1:8099", "https://luma.com/", "http://127.0.0.1:8099/"},
        {"https://luma.com=http://127.0.0.1:8099", "https://lu.ma/abc?k=c",
         "http://127.0.0.1:8099/abc?k=c"},
        {"https://luma.com=http://127.0.0.1:8099", "https://www.luma.com/abc",
         "http://127.0.0.1:8099/abc"},
        {"https://luma.com=http://127.0.0.1:8099", "http://luma.com/abc",
         "http://127.0.0.1:8099/abc"},
        {"https://lu.ma/=http://127.0.0.1:8099/", "https://luma.com/abc",
         "http://127.0.0.1:8099/abc"},
        {"http://www.lu.ma=http://[::1]:8099", "https://luma.com/abc", "http://[::1]:8099/abc"},
        {"https://luma.com=http://127.0.0.1:8099", "https://api.luma.com/abc", NULL},
        {"https://luma.com=http://127.0.0.1:8099", "https://luma.com:8443/abc", NULL},
        {"https://luma.com=http://127.0.0.1:8099", "https://example.com/abc", NULL},
        {"http://a.test=https://b.test", "http://a.test/x", "https://b.test/x"},
        {"http://a.test=https://b.test", "https://a.test/x", NULL},
        {"http://a.test:81=https://b.test", "http://a.test:81/x", "https://b.test/x"},
        {"http://a.test:81=https://b.test", "http://a.test/x", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct origin_override *override = override_of(rows[i].override);
        struct arena *arena = arena_new(ARENA_BYTES);
        struct url url;
        struct slice moved = {0};
        assert_int_equal(url_parse(arena, slice_from_cstr(rows[i].url), &url), URL_FINE);
        assert_int_equal(origin_override_apply(override, arena, &url, &moved),
                         rows[i].wanted != NULL);
        if (!slice_equal(moved, slice_from_cstr(rows[i].wanted)))
            fail_msg("%s: got %.*s", rows[i].url, SLICE_FMT(moved));
        arena_free(arena);
        origin_override_free(override);
    }
}

static void test_undo(void **state)
{
    (void)state;
    static const struct {
        const char *url, *wanted;
    } rows[] = {
        {"http://127.0.0.1:8099/abc?x=1", "https://luma.com/abc?x=1"},
        {"http://127.0.0.1:8099", "https://luma.com/"},
        {"http://127.0.0.1:8098/abc", "http://127.0.0.1:8098/abc"},
        {"https://127.0.0.1:8099/abc", "https://127.0.0.1:8099/abc"},
        {"http://localhost:8099/abc", "http://localhost:8099/abc"},
        {"https://luma.com/abc", "https://luma.com/abc"},
        {"not a url", "not a url"},
    };
    struct origin_override *override = override_of("https://lu.ma=http://127.0.0.1:8099");
    struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct slice outside = origin_override_undo(override, arena, slice_from_cstr(rows[i].url));
        if (!slice_equal(outside, slice_from_cstr(rows[i].wanted)))
            fail_msg("%s: got %.*s", rows[i].url, SLICE_FMT(outside));
    }
    arena_free(arena);
    origin_override_free(override);
}

static void test_several(void **state)
{
    (void)state;
    struct origin_override *override =
        override_of("https://luma.com=http://127.0.0.1:1 , http://a.test=http://127.0.0.1:2,");
    struct arena *arena = arena_new(ARENA_BYTES);
    struct url url;
    struct slice moved;
    assert_int_equal(url_parse(arena, SLICE("http://a.test/x"), &url), URL_FINE);
    assert_true(origin_override_apply(override, arena, &url, &moved));
    assert_true(slice_equal(moved, SLICE("http://127.0.0.1:2/x")));
    assert_true(
        slice_equal(origin_override_undo(override, arena, moved), SLICE("http://a.test/x")));
    assert_true(slice_equal(origin_override_undo(override, arena, SLICE("http://127.0.0.1:1/x")),
                            SLICE("https://luma.com/x")));
    arena_free(arena);
    origin_override_free(override);

    char many[ORIGIN_OVERRIDE_MAX * 32 + 64] = "";
    size_t len = 0;
    for (int i = 0; i <= ORIGIN_OVERRIDE_MAX; i++)
        len += (size_t)snprintf(many + len, sizeof many - len, "http://a%d.test=http://b.test,", i);
    assert_int_equal(origin_override_new((struct slice){many, len}, &override, NULL),
                     ERR_CONFIG_INVALID);
}

static void test_none_and_bad(void **state)
{
    (void)state;
    assert_null(override_of(""));
    assert_null(override_of("  "));
    struct url url = {0};
    struct slice moved;
    assert_false(origin_override_apply(NULL, NULL, &url, &moved));
    assert_true(slice_equal(origin_override_undo(NULL, NULL, SLICE("x")), SLICE("x")));
    origin_override_free(NULL);
    static const char *const bad[] = {"https://luma.com",
                                      "=",
                                      "https://luma.com=",
                                      "=http://127.0.0.1:1",
                                      "luma.com=127.0.0.1",
                                      "https://luma.com/x=http://127.0.0.1:1",
                                      "https://luma.com=http://127.0.0.1:1/x",
                                      "https://luma.com=http://me@127.0.0.1:1",
                                      "https://luma.com=ftp://127.0.0.1",
                                      "http://a.test=http://b.test,x"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct origin_override *override;
        if (origin_override_new(slice_from_cstr(bad[i]), &override, NULL) != ERR_CONFIG_INVALID)
            fail_msg("accepted: %s", bad[i]);
        assert_null(override);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_none_and_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
