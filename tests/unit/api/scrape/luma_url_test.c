#include "api/scrape/luma_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 4 * 1024 * 1024 };

static struct luma_url_rules *rules_of(const char *hosts)
{
    struct luma_url_rules *rules;
    struct error error = {0};
    if (luma_url_rules_new(slice_from_cstr(hosts), &rules, &error) != ERR_OK)
        fail_msg("%s: %s", hosts, error.detail);
    return rules;
}

static void test_canonical_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"https://lu.ma/abc", "https://luma.com/abc"},
        {"https://luma.com/abc", "https://luma.com/abc"},
        {"http://lu.ma/abc", "https://luma.com/abc"},
        {"http://lu.ma:80/abc", "https://luma.com/abc"},
        {"https://www.lu.ma/abc", "https://luma.com/abc"},
        {"https://WWW.LUMA.COM/AbC", "https://luma.com/AbC"},
        {"https://lu.ma./abc", "https://luma.com/abc"},
        {"  https://lu.ma/abc  ", "https://luma.com/abc"},
        {"https://lu.ma/abc/", "https://luma.com/abc"},
        {"https://lu.ma//abc//", "https://luma.com/abc"},
        {"https://lu.ma/abc#about", "https://luma.com/abc"},
        {"https://lu.ma/abc?tk=xyz&utm_source=x&pk=g-1", "https://luma.com/abc"},
        {"https://lu.ma/ns?k=c", "https://luma.com/ns"},
        {"https://lu.ma/abc?", "https://luma.com/abc"},
        {"https://lu.ma/event/evt-AbCdEf123456789", "https://luma.com/event/evt-AbCdEf123456789"},
        {"https://www.luma.com//evt-AbCdEf123456789/?utm_source=x",
         "https://luma.com/event/evt-AbCdEf123456789"},
        {"https://lu.ma/%61bc", "https://luma.com/abc"},
        {"https://lu.ma/caf%c3%a9", "https://luma.com/caf%C3%A9"},
        {"https://lu.ma/caf\xc3\xa9", "https://luma.com/caf%C3%A9"},
        {"https://lu.ma/x/../abc", "https://luma.com/abc"},
        {"https://lu.ma", "https://luma.com/"},
        {"https://lu.ma/", "https://luma.com/"},
        {"https://api.lu.ma/x", "https://api.luma.com/x"},
        {"https://api.luma.com/x?y=1", "https://api.luma.com/x"},
    };
    struct luma_url_rules *rules = rules_of(LUMA_URL_DEFAULT_HOSTS);
    struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct luma_url url;
        enum luma_url_reason reason =
            luma_url_check(rules, arena, slice_from_cstr(rows[i].text), &url);
        if (reason != LUMA_URL_FINE)
            fail_msg("%s: %s", rows[i].text, luma_url_reason_code(reason));
        if (!slice_equal(url.canonical, slice_from_cstr(rows[i].wanted)))
            fail_msg("%s: got %.*s, wanted %s", rows[i].text, SLICE_FMT(url.canonical),
                     rows[i].wanted);
        assert_true(url.is_luma);
        struct luma_url again;
        assert_int_equal(luma_url_check(rules, arena, url.canonical, &again), LUMA_URL_FINE);
        assert_true(slice_equal(again.canonical, url.canonical));
        assert_int_equal(luma_url_check(rules, arena, url.fetch, &again), LUMA_URL_FINE);
        assert_true(slice_equal(again.canonical, url.canonical));
    }
    arena_free(arena);
    luma_url_rules_free(rules);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum luma_url_reason reason;
    } rows[] = {
        {"", LUMA_URL_NOT_A_URL},
        {"not a url", LUMA_URL_NOT_A_URL},
        {"lu.ma/abc", LUMA_URL_NOT_A_URL},
        {"ftp://lu.ma/abc", LUMA_URL_SCHEME},
        {"file:///etc/passwd", LUMA_URL_SCHEME},
        {"javascript:alert(1)", LUMA_URL_SCHEME},
        {"https://example.com/abc", LUMA_URL_HOST},
        {"https://notlu.ma/abc", LUMA_URL_HOST},
        {"https://evil-luma.com/abc", LUMA_URL_HOST},
        {"https://luma.com.evil.example/abc", LUMA_URL_HOST},
        {"https://luma.co/abc", LUMA_URL_HOST},
        {"https://ma/abc", LUMA_URL_HOST},
        {"https://localhost/abc", LUMA_URL_HOST},
        {"https://l\xd1\x83.ma/abc", LUMA_URL_HOST}, // a Cyrillic letter
        {"https://xn--lma-8cd.com/", LUMA_URL_HOST},
        {"https://luma.com@evil.example/", LUMA_URL_USERINFO},
        {"https://me@luma.com/", LUMA_URL_USERINFO},
        {"https://:pw@luma.com/", LUMA_URL_USERINFO},
        {"https://@luma.com/", LUMA_URL_USERINFO},
        {"http://127.0.0.1/", LUMA_URL_ADDRESS_LITERAL},
        {"http://2130706433/", LUMA_URL_ADDRESS_LITERAL},
        {"http://0x7f.1/", LUMA_URL_ADDRESS_LITERAL},
        {"http://8.8.8.8/", LUMA_URL_ADDRESS_LITERAL},
        {"http://[::1]/", LUMA_URL_ADDRESS_LITERAL},
        {"https://luma.com:8443/", LUMA_URL_PORT},
        {"https://luma.com:80/", LUMA_URL_PORT},
        {"http://luma.com:443/", LUMA_URL_PORT},
    };
    struct luma_url_rules *rules = rules_of(LUMA_URL_DEFAULT_HOSTS);
    struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct luma_url url;
        struct error error = {0};
        enum luma_url_reason reason =
            luma_url_check(rules, arena, slice_from_cstr(rows[i].text), &url);
        if (reason != rows[i].reason)
            fail_msg("%s: %s, wanted %s", rows[i].text, luma_url_reason_code(reason),
                     luma_url_reason_code(rows[i].reason));
        assert_int_equal(
            luma_url_canonicalise(rules, arena, slice_from_cstr(rows[i].text), &url, &error),
            ERR_URL_NOT_ALLOWED);
        assert_string_equal(error.detail, luma_url_reason_text(reason));
    }
    arena_free(arena);
    luma_url_rules_free(rules);
}

static void test_length(void **state)
{
    (void)state;
    struct luma_url_rules *rules = rules_of(LUMA_URL_DEFAULT_HOSTS);
    struct arena *arena = arena_new(ARENA_BYTES);
    char text[LUMA_URL_MAX_BYTES + 2];
    memset(text, 'a', sizeof text);
    memcpy(text, "https://luma.com/", 17);
    struct luma_url url;
    struct slice longest = {text, LUMA_URL_MAX_BYTES}, longer = {text, LUMA_URL_MAX_BYTES + 1};
    assert_int_equal(luma_url_check(rules, arena, longest, &url), LUMA_URL_FINE);
    assert_int_equal(url.canonical.len, LUMA_URL_MAX_BYTES);
    assert_int_equal(luma_url_check(rules, arena, longer, &url), LUMA_URL_TOO_LONG);
    memset(text + 17, '\xc3', 1000); // each byte becomes three
    assert_int_equal(luma_url_check(rules, arena, longest, &url), LUMA_URL_TOO_LONG);
    memcpy(text, "https://lu.ma/aaaaaaaa", 22); // "luma.com" is three bytes longer
    memset(text + 22, 'a', sizeof text - 22);
    assert_int_equal(luma_url_check(rules, arena, longest, &url), LUMA_URL_TOO_LONG);
    arena_free(arena);
    luma_url_rules_free(rules);
}

static void test_other_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted; // NULL: refused
        enum luma_url_reason reason;
    } rows[] = {
        {"https://events.example/a/?b=2&a=1&utm_source=x&UTM_Medium=y#f",
         "https://events.example/a/?a=1&b=2", LUMA_URL_FINE},
        {"http://events.example/a?fbclid=1&gclid=2&tk=3", "http://events.example/a", LUMA_URL_FINE},
        {"https://events.example/a?x=2&x=1&&", "https://events.example/a?x=2&x=1", LUMA_URL_FINE},
        {"https://events.example/a?utmost=1", "https://events.example/a?utmost=1", LUMA_URL_FINE},
        {"https://sub.events.example/a", "https://sub.events.example/a", LUMA_URL_FINE},
        {"http://rig.test:8099/a", "http://rig.test:8099/a", LUMA_URL_FINE},
        {"http://rig.test/a", NULL, LUMA_URL_PORT},
        {"https://a.only.test/a", "https://a.only.test/a", LUMA_URL_FINE},
        {"https://only.test/a", NULL, LUMA_URL_HOST},
        {"https://b\xc3\xbc"
         "cher.test/a",
         "https://xn--bcher-kva.test/a", LUMA_URL_FINE},
        {"https://luma.com/a", NULL, LUMA_URL_HOST},
    };
    struct luma_url_rules *rules =
        rules_of(" Events.Example, rig.test:8099 *.only.test\nxn--bcher-kva.test. ");
    struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct luma_url url;
        enum luma_url_reason reason =
            luma_url_check(rules, arena, slice_from_cstr(rows[i].text), &url);
        if (reason != rows[i].reason)
            fail_msg("%s: %s", rows[i].text, luma_url_reason_code(reason));
        if (rows[i].wanted && !slice_equal(url.canonical, slice_from_cstr(rows[i].wanted)))
            fail_msg("%s: got %.*s", rows[i].text, SLICE_FMT(url.canonical));
    }
    arena_free(arena);
    luma_url_rules_free(rules);
}

static void test_what_is_requested(void **state)
{
    (void)state;
    struct luma_url_rules *rules = rules_of(LUMA_URL_DEFAULT_HOSTS);
    struct arena *arena = arena_new(ARENA_BYTES);
    struct luma_url url;
    assert_int_equal(luma_url_check(rules, arena, SLICE("http://www.lu.ma/a/?k=c#x"), &url),
                     LUMA_URL_FINE);
    // As given, but for the scheme and the fragment: a site may insist on its spelling.
    assert_true(slice_equal(url.fetch, SLICE("https://www.lu.ma/a/?k=c")));
    assert_true(slice_equal(url.site, SLICE("luma.com")));
    arena_free(arena);
    luma_url_rules_free(rules);
}

static void test_bad_lists(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "",
        " , ",
        "127.0.0.1",
        "[::1]",
        "luma.com:0",
        "luma.com:x",
        "luma.com:70000",
        "https://luma.com",
        "lu..ma",
        "*",
        "*.",
        "a@b.c",
        "luma.com/x",
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct luma_url_rules *rules;
        struct error error = {0};
        if (luma_url_rules_new(slice_from_cstr(lists[i]), &rules, &error) != ERR_CONFIG_INVALID)
            fail_msg("accepted: %s", lists[i]);
        assert_true(strlen(error.detail) > 0);
    }
    char many[LUMA_URL_MAX_HOSTS * 8 + 16] = "";
    for (int i = 0; i <= LUMA_URL_MAX_HOSTS; i++)
        snprintf(many + strlen(many), 8, "a%d,", i);
    struct luma_url_rules *rules;
    assert_int_equal(luma_url_rules_new(slice_from_cstr(many), &rules, NULL), ERR_CONFIG_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_form),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_other_hosts),
        cmocka_unit_test(test_what_is_requested),
        cmocka_unit_test(test_bad_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
