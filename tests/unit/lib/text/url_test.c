#include "lib/text/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 4 * 1024 * 1024 };

static void assert_text(const char *what, struct slice got, const char *wanted)
{
    if (!slice_equal(got, slice_from_cstr(wanted)))
        fail_msg("%s: got \"%.*s\", wanted \"%s\"", what, SLICE_FMT(got), wanted);
}

static void test_normal_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted; // NULL: not a URL
    } rows[] = {
        {"https://luma.com", "https://luma.com/"},
        {"  https://luma.com/abc\n", "https://luma.com/abc"},
        {"HTTPS://LuMa.CoM/AbC", "https://luma.com/AbC"},
        {"https://luma.com:443/a", "https://luma.com/a"},
        {"http://luma.com:80/a", "http://luma.com/a"},
        {"https://luma.com:80/a", "https://luma.com:80/a"},
        {"https://luma.com:/a", "https://luma.com/a"},
        {"https://luma.com./a", "https://luma.com/a"},
        {"https://luma.com/a/./b/../c", "https://luma.com/a/c"},
        {"https://luma.com/a/%2e%2E/c", "https://luma.com/c"},
        {"https://luma.com/%7euser/%c3%a9/%2f", "https://luma.com/~user/%C3%A9/%2F"},
        {"https://luma.com/caf\xc3\xa9", "https://luma.com/caf%C3%A9"},
        {"https://luma.com/100%", "https://luma.com/100%25"},
        {"https://luma.com/a?x=%41&y=a%20b#f", "https://luma.com/a?x=A&y=a%20b#f"},
        {"https://luma.com/a?", "https://luma.com/a?"},
        {"https://luma.com?x=1", "https://luma.com/?x=1"},
        {"https://luma.com/a\\b", "https://luma.com/a%5Cb"},
        {"https://b\xc3\xbc"
         "cher.example/",
         "https://xn--bcher-kva.example/"},
        {"https://B\xc3\x9c"
         "CHER.example/",
         "https://xn--bcher-kva.example/"},
        {"https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"},
        {"https://%6cuma.com/", "https://luma.com/"},
        {"https://luma\xe3\x80\x82"
         "com/",
         "https://luma.com/"}, // ideographic full stop
        {"https://r3---sn.example/", "https://r3---sn.example/"},
        {"https://my_host.example/", "https://my_host.example/"},
        {"https://user:pw@luma.com/", "https://user:pw@luma.com/"},
        // every spelling of one address
        {"http://127.0.0.1/", "http://127.0.0.1/"},
        {"http://127.1/", "http://127.0.0.1/"},
        {"http://2130706433/", "http://127.0.0.1/"},
        {"http://0x7f000001/", "http://127.0.0.1/"},
        {"http://0177.0.0.1/", "http://127.0.0.1/"},
        {"http://127.0.0.1./", "http://127.0.0.1/"},
        {"http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/",
         "http://127.0.0.1/"}, // fullwidth digits
        {"http://[::1]:8080/", "http://[::1]:8080/"},
        {"http://[0:0::0:1]/", "http://[::1]/"},
        {"http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]/"},
    };
    struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct url url;
        if (url_parse(arena, slice_from_cstr(rows[i].text), &url) != URL_FINE)
            fail_msg("refused: %s", rows[i].text);
        struct slice written = url_write(arena, &url);
        assert_text(rows[i].text, written, rows[i].wanted);
        // The normal form is a fixed point.
        assert_int_equal(url_parse(arena, written, &url), URL_FINE);
        assert_text("again", url_write(arena, &url), rows[i].wanted);
    }
    arena_free(arena);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum url_problem problem;
    } rows[] = {
        {"", URL_NOT_A_URL},
        {"   ", URL_NOT_A_URL},
        {"luma", URL_NOT_A_URL},
        {"luma.com/abc", URL_NOT_A_URL},
        {"luma.com:443/abc", URL_NOT_A_URL},
        {"//luma.com/abc", URL_NOT_A_URL},
        {"https:", URL_NOT_A_URL},
        {"https://", URL_NOT_A_URL},
        {"https:///luma.com", URL_NOT_A_URL},
        {"https:/luma.com", URL_NOT_A_URL},
        {"https:luma.com", URL_NOT_A_URL},
        {"https:\\\\luma.com", URL_NOT_A_URL},
        {"https://luma.com\\@evil.example/", URL_NOT_A_URL},
        {"https://luma.com\xef\xbc\x8f.evil.example/", URL_NOT_A_URL}, // fullwidth solidus
        {"https://luma.com:0/", URL_NOT_A_URL},
        {"https://luma.com:65536/", URL_NOT_A_URL},
        {"https://luma.com:12x/", URL_NOT_A_URL},
        {"https://lu..ma/", URL_NOT_A_URL},
        {"https://./", URL_NOT_A_URL},
        {"https://lu ma/", URL_NOT_A_URL},
        {"https://luma.com/a b", URL_NOT_A_URL},
        {"https://luma.com/a\nb", URL_NOT_A_URL},
        {"https://lu%00ma.com/", URL_NOT_A_URL},
        {"https://luma.com%2f@evil.example/", URL_FINE}, // a user name; see luma_url
        {"http://1.2.3.4.5/", URL_NOT_A_URL},
        {"http://256.1.1.1/", URL_NOT_A_URL},
        {"http://name.123/", URL_NOT_A_URL},
        {"http://[::1/", URL_NOT_A_URL},
        {"http://[fe80::1%25eth0]/", URL_NOT_A_URL},
        {"http://[::g]/", URL_NOT_A_URL},
        {"https://xn--a.example/", URL_NOT_A_URL}, // not punycode
        {"ftp://luma.com/", URL_SCHEME},
        {"file:///etc/passwd", URL_SCHEME},
        {"javascript:alert(1)", URL_SCHEME},
        {"gopher://luma.com/", URL_SCHEME},
        {"mailto:a@luma.com", URL_SCHEME},
    };
    struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct url url;
        enum url_problem problem = url_parse(arena, slice_from_cstr(rows[i].text), &url);
        if (problem != rows[i].problem)
            fail_msg("\"%s\": problem %d, wanted %d", rows[i].text, problem, rows[i].problem);
    }
    struct url url;
    assert_int_equal(url_parse(arena, (struct slice){"https://luma.com/\0x", 19}, &url),
                     URL_NOT_A_URL);
    assert_int_equal(url_parse(arena, (struct slice){0}, &url), URL_NOT_A_URL);
    char *big = arena_alloc(arena, URL_MAX_BYTES + 2);
    memset(big, 'a', URL_MAX_BYTES + 1);
    memcpy(big, "https://a/", 10);
    assert_int_equal(url_parse(arena, (struct slice){big, URL_MAX_BYTES}, &url), URL_FINE);
    assert_int_equal(url_parse(arena, (struct slice){big, URL_MAX_BYTES + 1}, &url), URL_TOO_LONG);
    arena_free(arena);
}

static void test_parts(void **state)
{
    (void)state;
    struct arena *arena = arena_new(ARENA_BYTES);
    struct url url;
    assert_int_equal(
        url_parse(arena, SLICE("http://me:secret@[2001:db8::1]:8099/a/b?x=1&y#frag"), &url),
        URL_FINE);
    assert_text("scheme", url.scheme, "http");
    assert_text("user", url.user, "me");
    assert_text("password", url.password, "secret");
    assert_text("host", url.host, "2001:db8::1");
    assert_int_equal(url.host_kind, URL_HOST_IPV6);
    assert_int_equal(url.port, 8099);
    assert_false(url.port_is_default);
    assert_text("path", url.path, "/a/b");
    assert_text("query", url.query, "x=1&y");
    assert_text("fragment", url.fragment, "frag");
    assert_text("origin", url_write_origin(arena, &url), "http://[2001:db8::1]:8099");

    assert_int_equal(url_parse(arena, SLICE("https://luma.com"), &url), URL_FINE);
    assert_null(url.user.ptr);
    assert_null(url.query.ptr);
    assert_null(url.fragment.ptr);
    assert_int_equal(url.host_kind, URL_HOST_NAME);
    assert_int_equal(url.port, 443);
    assert_true(url.port_is_default);
    assert_text("origin", url_write_origin(arena, &url), "https://luma.com");

    assert_int_equal(url_parse(arena, SLICE("https://@luma.com/"), &url), URL_FINE);
    assert_non_null(url.user.ptr); // an empty user name is one, too
    arena_free(arena);
}

static void test_resolve(void **state)
{
    (void)state;
    static const struct {
        const char *reference, *wanted;
    } rows[] = {
        {"c", "https://luma.com/a/c"},
        {"/c", "https://luma.com/c"},
        {"../c", "https://luma.com/c"},
        {"../../../c", "https://luma.com/c"},
        {"?y=2", "https://luma.com/a/b?y=2"},
        {"//lu.ma/x", "https://lu.ma/x"},
        {"http://lu.ma/x", "http://lu.ma/x"},
        {"", "https://luma.com/a/b?x=1"},
        {"#top", "https://luma.com/a/b?x=1#top"},
        {"/a b", "https://luma.com/a%20b"},
        {"/caf\xc3\xa9", "https://luma.com/caf%C3%A9"},
    };
    struct arena *arena = arena_new(ARENA_BYTES);
    struct url base, url;
    assert_int_equal(url_parse(arena, SLICE("https://luma.com/a/b?x=1"), &base), URL_FINE);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (url_resolve(arena, &base, slice_from_cstr(rows[i].reference), &url) != URL_FINE)
            fail_msg("refused: %s", rows[i].reference);
        assert_text(rows[i].reference, url_write(arena, &url), rows[i].wanted);
    }
    assert_int_equal(url_resolve(arena, &base, SLICE("javascript:x"), &url), URL_SCHEME);
    assert_int_equal(url_resolve(arena, &base, SLICE("file:///etc/passwd"), &url), URL_SCHEME);
    assert_int_equal(url_resolve(arena, &base, SLICE("//a b/"), &url), URL_NOT_A_URL);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_forms),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_resolve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
