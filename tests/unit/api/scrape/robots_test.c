#include "api/scrape/robots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool allows(const char *robots, const char *path)
{
    return robots_allows(slice_from_cstr(robots), SLICE("TestBot"), slice_from_cstr(path), NULL);
}

struct row {
    const char *robots, *path;
    bool allowed;
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (allows(rows[i].robots, rows[i].path) != rows[i].allowed)
            fail_msg("row %zu: %s of \"%s\" should be %s", i, rows[i].path, rows[i].robots,
                     rows[i].allowed ? "allowed" : "forbidden");
}

static void test_groups(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "/a", true},
        {"\n\n# nothing\n", "/a", true},
        {"User-agent: *\nDisallow: /", "/a", false},
        {"User-agent: *\nDisallow:", "/a", true},
        {"Disallow: /", "/a", true}, // of no group
        {"User-agent: OtherBot\nDisallow: /", "/a", true},
        {"User-agent: TestBot\nDisallow: /", "/a", false},
        {"user-AGENT: tEsTbOt\ndisALLOW: /", "/a", false},
        {"User-agent: TestBot/2.1 (+x)\nDisallow: /", "/a", false},
        {"User-agent: TestBotty\nDisallow: /", "/a", true},
        {"User-agent: Test\nDisallow: /", "/a", true},
        {"User-agent: Test-Bot\nDisallow: /", "/a", true},
        {"User-agent:\nDisallow: /", "/a", true},
        // our own group, wherever it stands, makes "*" mean nothing
        {"User-agent: *\nDisallow: /\n\nUser-agent: TestBot\nDisallow: /x", "/a", true},
        {"User-agent: TestBot\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/a", true},
        {"User-agent: *\nDisallow: /\n\nUser-agent: TestBot\n", "/a", true},
        // several agents share a group
        {"User-agent: A\nUser-agent: TestBot\nUser-agent: B\nDisallow: /", "/a", false},
        {"User-agent: A\n\n# between\n\nUser-agent: TestBot\nDisallow: /", "/a", false},
        {"User-agent: A\nDisallow: /\nUser-agent: TestBot\nAllow: /", "/a", true},
        {"User-agent: TestBot\nAllow: /x\nUser-agent: A\nDisallow: /", "/a", true},
        // groups of one agent count as one
        {"User-agent: TestBot\nDisallow: /a\n\nUser-agent: A\nDisallow: /\n\nUser-agent: "
         "TestBot\nDisallow: /b",
         "/a", false},
        {"User-agent: TestBot\nDisallow: /a\n\nUser-agent: A\nDisallow: /\n\nUser-agent: "
         "TestBot\nDisallow: /b",
         "/b", false},
        {"User-agent: TestBot\nDisallow: /a\n\nUser-agent: A\nDisallow: /\n\nUser-agent: "
         "TestBot\nDisallow: /b",
         "/c", true},
        {"User-agent: *\nDisallow: /a\nUser-agent: *\nDisallow: /b", "/a", false},
        {"User-agent: * # all\nDisallow: /", "/a", false},
        // other records do not end a group's agents
        {"User-agent: A\nSitemap: https://x/\nUser-agent: TestBot\nDisallow: /", "/a", false},
        {"User-agent: TestBot\nCrawl-delay: 1\nUser-agent: A\nDisallow: /", "/a", false},
    };
    check(rows, ARRAY_LEN(rows));
}

#define STAR "User-agent: *\n"

static void test_matching(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {STAR "Disallow: /fish", "/fish", false},
        {STAR "Disallow: /fish", "/fish.html", false},
        {STAR "Disallow: /fish", "/fish/salmon", false},
        {STAR "Disallow: /fish", "/fish?id=1", false},
        {STAR "Disallow: /fish", "/Fish", true},
        {STAR "Disallow: /fish", "/catfish", true},
        {STAR "Disallow: fish", "/fish", true},
        {STAR "Disallow: /fish/", "/fish", true},
        {STAR "Disallow: /fish*", "/fishheads", false},
        {STAR "Disallow: /*.php", "/index.php", false},
        {STAR "Disallow: /*.php", "/a/b.php?x", false},
        {STAR "Disallow: /*.php", "/", true},
        {STAR "Disallow: /*.php", "/windows.PHP", true},
        {STAR "Disallow: /*.php$", "/a.php", false},
        {STAR "Disallow: /*.php$", "/a.php?x", true},
        {STAR "Disallow: /*.php$", "/a.php/b.php", false},
        {STAR "Disallow: /fish*.php", "/fishheads/catfish.php?x", false},
        {STAR "Disallow: /a*b*c", "/a-b-b-c", false},
        {STAR "Disallow: /a*b*c$", "/abcc", false},
        {STAR "Disallow: /a*b*c$", "/abcd", true},
        {STAR "Disallow: *", "/a", false},
        {STAR "Disallow: **a", "/xa", false},
        {STAR "Disallow: /$", "/", false},
        {STAR "Disallow: /$", "/a", true},
        {STAR "Disallow: $", "/", true},
        {STAR "Disallow: /*$", "/anything", false},
        {STAR "Disallow: /a$b", "/a$b", false},
        {STAR "Disallow: /a$b", "/a", true},
        // the longest rule wins, Allow wins a tie, the order means nothing
        {STAR "Allow: /p\nDisallow: /", "/page", true},
        {STAR "Disallow: /\nAllow: /p", "/page", true},
        {STAR "Allow: /folder\nDisallow: /folder", "/folder/page", true},
        {STAR "Disallow: /folder\nAllow: /folder", "/folder/page", true},
        {STAR "Allow: /page\nDisallow: /*.htm", "/page.htm", false},
        {STAR "Allow: /page\nDisallow: /*.ph", "/page.php5", true},
        {STAR "Allow: /$\nDisallow: /", "/", true},
        {STAR "Allow: /$\nDisallow: /", "/page.htm", false},
        {STAR "Allow: /example/page/\nDisallow: /example/page/disallowed.gif",
         "/example/page/disallowed.gif", false},
        // the file itself is always allowed
        {STAR "Disallow: /", "/robots.txt", true},
    };
    check(rows, ARRAY_LEN(rows));
}

static void test_escapes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {STAR "Disallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", false},
        {STAR "Disallow: /foo/bar/\xe3\x83\x84", "/foo/bar/%E3%83%84", false},
        {STAR "Disallow: /foo/bar/%E3%83%84", "/foo/bar/\xe3\x83\x84", false},
        {STAR "Disallow: /foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", false},
        {STAR "Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", false},
        {STAR "Disallow: /foo/bar/baz", "/foo/bar/%62%61%7a", false},
        {STAR "Disallow: /a%2Fb", "/a/b", true},
        {STAR "Disallow: /a/b", "/a%2fb", true},
        {STAR "Disallow: /a%2fb", "/a%2Fb", false},
        {STAR "Disallow: /file-%2A.html", "/file-*.html", false},
        {STAR "Disallow: /file-%2A.html", "/file-%2a.html", false},
        {STAR "Disallow: /file-%2A.html", "/file-x.html", true},
        {STAR "Disallow: /foo-%24", "/foo-$", false},
        {STAR "Disallow: /foo-%24", "/foo-", true},
        {STAR "Disallow: /100%", "/100%", false},
        {STAR "Disallow: /100%2", "/100%2", false},
        {STAR "Disallow: /x%zz", "/x%zz", false},
        // an escape is one octet, not three, when lengths are compared
        {STAR "Disallow: /%61%61%61\nAllow: /aaaa", "/aaaaa", true},
    };
    check(rows, ARRAY_LEN(rows));
}

static void test_lines(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"User-agent: *\r\nDisallow: /a\r\n", "/a", false},
        {"User-agent: *\r\nDisallow: /a$\r\n", "/a", false},
        {"User-agent: *\rDisallow: /a\r", "/a", false},
        {"\xef\xbb\xbfUser-agent: *\nDisallow: /a", "/a", false},
        {"  User-agent :\t*  \n\tDisallow\t:  /a  # comment\n", "/a", false},
        {"User-agent: *\nDisallow: /a#b", "/a", false},
        {"User-agent: *\nDisallow /a", "/a", true},
        {"User-agent: *\nNonsense\n:::\n: /\nDisallow: /a", "/a", false},
        {"<html>User-agent: *\nDisallow: /", "/a", true},
    };
    check(rows, ARRAY_LEN(rows));
    char nul[] = "User-agent: *\n\0\0Disallow: /b\nDisallow: /a";
    assert_false(
        robots_allows((struct slice){nul, sizeof nul - 1}, SLICE("TestBot"), SLICE("/a"), NULL));
    assert_true(robots_allows((struct slice){0}, SLICE("TestBot"), SLICE("/a"), NULL));
}

static void test_crawl_delay(void **state)
{
    (void)state;
    static const struct {
        const char *robots;
        uint32_t wanted_ms;
    } rows[] = {
        {"", 0},
        {STAR "Crawl-delay: 2", 2000},
        {STAR "Crawl-delay: 0.5", 500},
        {STAR "Crawl-delay: 0", 0},
        {STAR "Crawl-delay: -1", 0},
        {STAR "Crawl-delay: soon", 0},
        {STAR "Crawl-delay: 1e300", ROBOTS_MAX_DELAY_MS},
        {STAR "Crawl-delay: nan", 0},
        {STAR "Crawl-delay: 86400", ROBOTS_MAX_DELAY_MS},
        {STAR "Crawl-delay: 1\nCrawl-delay: 3", 3000},
        {"User-agent: A\nCrawl-delay: 5", 0},
        {STAR "Crawl-delay: 5\nUser-agent: TestBot\nDisallow: /x", 0},
        {"User-agent: TestBot\nDisallow: /x\nCrawl-delay: 4", 4000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t delay_ms = 77;
        assert_true(robots_allows(slice_from_cstr(rows[i].robots), SLICE("TestBot"), SLICE("/a"),
                                  &delay_ms));
        if (delay_ms != rows[i].wanted_ms)
            fail_msg("\"%s\" gives %u ms", rows[i].robots, delay_ms);
    }
}

static void test_size(void **state)
{
    (void)state;
    // 500 KiB are read, whatever comes behind half a MiB is not.
    size_t size = 600 * 1024;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '#', size);
    for (size_t i = 100; i < size; i += 100)
        text[i] = '\n';
    memcpy(text, "User-agent: *\n", 14);
    memcpy(text + 500 * 1024, "\nDisallow: /a\n", 14);
    memcpy(text + 550 * 1024, "\nDisallow: /b\n", 14);
    // Cut in the middle of a longer path: must not come to forbid everything.
    memcpy(text + ROBOTS_MAX_BYTES - 12, "\nDisallow: /c/d/e\n", 18);
    struct slice robots = {text, size};
    assert_false(robots_allows(robots, SLICE("TestBot"), SLICE("/a"), NULL));
    assert_true(robots_allows(robots, SLICE("TestBot"), SLICE("/b"), NULL));
    assert_true(robots_allows(robots, SLICE("TestBot"), SLICE("/other"), NULL));

    // One line, stars without end, a path that nearly fits: slow is fine, hanging is not.
    memset(text, '*', size);
    for (size_t i = 1; i < size; i += 2)
        text[i] = 'a';
    memcpy(text, "User-agent: *\nDisallow: ", 24);
    char path[ROBOTS_MAX_PATH_BYTES + 1];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_true(robots_allows(robots, SLICE("TestBot"), slice_from_cstr(path), NULL));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),      cmocka_unit_test(test_matching),
        cmocka_unit_test(test_escapes),     cmocka_unit_test(test_lines),
        cmocka_unit_test(test_crawl_delay), cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
