#include "extractor/page/links.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct text_case {
    const char *in, *out; // "": absent
};

static void check(struct slice (*function)(struct arena *, struct slice),
                  const struct text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_string_equal(arena_cstr(arena, function(arena, slice_from_cstr(cases[i].in))),
                            cases[i].out);
}

static void test_events(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"ab12cd34", "https://luma.com/ab12cd34"},
        {"engines-2026", "https://luma.com/engines-2026"},
        {"https://luma.com/ab12cd34", "https://luma.com/ab12cd34"},
        {"https://lu.ma/ab12cd34?tk=x&utm_source=y#z", "https://luma.com/ab12cd34"},
        {"http://WWW.LU.MA/ab12cd34/", "https://luma.com/ab12cd34"},
        {"https://luma.com/event/evt-abc", "https://luma.com/event/evt-abc"},
        {"https://www.eventbrite.com/e/engines-1", "https://www.eventbrite.com/e/engines-1"},
        {"https://luma.com/", ""},
        {"https://luma.com", ""},
        {"https://luma.com.evil.example/ab", "https://luma.com.evil.example/ab"}, // another site
        {"https://evil.example/@luma.com/ab", "https://evil.example/@luma.com/ab"},
        {"ab cd", ""},
        {"../etc", ""},
        {"javascript:alert(1)", ""},
        {"ftp://luma.com/ab", ""},
        {"", ""},
    };
    check(link_event, cases, ARRAY_LEN(cases));
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {" https://acme.org/a ", "https://acme.org/a"},
        {"www.acme.org", "https://www.acme.org"},
        {"HTTP://acme.org", "HTTP://acme.org"},
        {"acme.org", ""},
        {"https://", ""},
        {"https://localhost", ""},
        {"https://acme .org", ""},
        {"https://ac\"me.org", ""},
        {"javascript://acme.org", ""},
    };
    check(link_http, cases, ARRAY_LEN(cases));
    static const struct text_case hosts[] = {{"https://User:pw@Acme.ORG:8080/x", "acme.org"},
                                             {"https://acme.org?x", "acme.org"},
                                             {"https://Mühle.example/x", "xn--mhle-0ra.example"},
                                             {"https://127.0.0.1/x", ""},
                                             {"https://[::1]/x", ""},
                                             {"acme.org", ""},
                                             {"https://.org", ""}};
    check(link_host, hosts, ARRAY_LEN(hosts));
}

static void test_domains(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"https://www.acme.org/about", "acme.org"},
        {"http://events.acme.co.uk", "events.acme.co.uk"},
        {"https://x.com/acme", ""},
        {"https://acme.notion.site/page", ""},
        {"https://luma.com/acme", ""},
        {"https://linktr.ee/acme", ""},
        {"https://netflix.com", "netflix.com"}, // ends like x.com
        {"nothing", ""},
    };
    check(link_domain, cases, ARRAY_LEN(cases));
}

static void test_handles(void **state)
{
    (void)state;
    static const struct {
        enum link link;
        const char *handle, *url;
    } cases[] = {
        {LINK_LINKEDIN, "/in/ada", "https://www.linkedin.com/in/ada"},
        {LINK_LINKEDIN, "/company/acme/", "https://www.linkedin.com/company/acme"},
        {LINK_LINKEDIN, "ada", "https://www.linkedin.com/in/ada"},
        {LINK_LINKEDIN, "/in/me", ""},
        {LINK_LINKEDIN, "/in/élodie", "https://www.linkedin.com/in/élodie"},
        {LINK_X, "@ada", "https://x.com/ada"},
        {LINK_X, "/ada", ""},
        {LINK_YOUTUBE, "ada", "https://www.youtube.com/@ada"},
        {LINK_YOUTUBE, "/channel/UC1", "https://www.youtube.com/channel/UC1"},
        {LINK_TIKTOK, "ada", "https://www.tiktok.com/@ada"},
        {LINK_LUMA, "ada", "https://luma.com/user/ada"},
        {LINK_X, "https://x.com/ada", "https://x.com/ada"},
        {LINK_X, "ada lovelace", ""},
        {LINK_X, "ada\"><script>", ""},
        {LINK_WEBSITE, "ada", ""},
        {LINK_X, "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(arena_cstr(arena, link_of_handle(arena, cases[i].link,
                                                             slice_from_cstr(cases[i].handle))),
                            cases[i].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_handles),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
