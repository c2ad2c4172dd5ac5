#include "api/scrape/fetch_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_statuses(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum err err;
        bool retry;
    } rows[] = {
        {200, ERR_OK, false},
        {203, ERR_OK, false},
        {204, ERR_UPSTREAM_ERROR, true},
        {206, ERR_UPSTREAM_ERROR, true},
        {301, ERR_UPSTREAM_ERROR, false},
        {304, ERR_UPSTREAM_ERROR, false}, // nobody asked
        {400, ERR_UPSTREAM_ERROR, false},
        {401, ERR_LOGIN_WALL, false},
        {402, ERR_UPSTREAM_ERROR, false},
        {403, ERR_BLOCKED, true},
        {404, ERR_PAGE_NOT_FOUND, false},
        {408, ERR_FETCH_TIMEOUT, true},
        {410, ERR_PAGE_GONE, false},
        {418, ERR_UPSTREAM_ERROR, false},
        {425, ERR_UPSTREAM_BUSY, true},
        {429, ERR_UPSTREAM_BUSY, true},
        {451, ERR_BLOCKED, true},
        {500, ERR_UPSTREAM_ERROR, true},
        {502, ERR_UPSTREAM_ERROR, true},
        {503, ERR_UPSTREAM_BUSY, true},
        {504, ERR_UPSTREAM_ERROR, true},
        {599, ERR_UPSTREAM_ERROR, true},
        {600, ERR_UPSTREAM_ERROR, false},
        {999, ERR_UPSTREAM_ERROR, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answer_meaning meaning = fetch_status_meaning(rows[i].status, false);
        if (meaning.err != rows[i].err || meaning.retry != rows[i].retry)
            fail_msg("%d: %s, %d", rows[i].status, error_info(meaning.err)->code, meaning.retry);
        assert_int_equal(meaning.text != NULL, meaning.err != ERR_OK);
    }
    assert_int_equal(fetch_status_meaning(304, true).err, ERR_OK);
    assert_int_equal(fetch_status_meaning(404, true).err, ERR_PAGE_NOT_FOUND);
}

static void test_html(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        struct slice body;
        bool is_html;
    } rows[] = {
        {"text/html", {"<!DOCTYPE html><p>x", 19}, true},
        {"Text/HTML; charset=utf-8", {"<p>x", 4}, true},
        {"application/xhtml+xml", {"<?xml version=\"1.0\"?><html/>", 28}, true},
        {"text/html", {"\xef\xbb\xbf \n<html>", 11}, true},
        {"text/html", {"a fragment with <b>marks</b>", 28}, true},
        {"", {"<html>", 6}, true},
        {"", {"hello", 5}, false},
        {"text/html", {"", 0}, false},
        {"text/html", {"hello", 5}, false},
        {"text/html", {"{\"a\":\"<b>\"}", 11}, false},
        {"text/html", {"%PDF-1.7 <<>>", 13}, false},
        {"text/html", {"\x89PNG\r\n\x1a\n\0\0\0<", 12}, false},
        {"text/html", {"GIF89a\x01\x02<", 9}, false},
        {"text/html", {"<html>\0</html>", 14}, false},
        {"text/plain", {"<html>", 6}, false},
        {"image/png", {"<html>", 6}, false},
        {"application/json", {"{}", 2}, false},
        {"text/htmlx", {"<html>", 6}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (fetch_is_html(slice_from_cstr(rows[i].type), rows[i].body) != rows[i].is_html)
            fail_msg("row %zu: %s", i, rows[i].type);
    assert_false(fetch_is_html((struct slice){0}, (struct slice){0}));
    assert_true(fetch_is_html((struct slice){0}, SLICE("<html>")));
}

static void test_login_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool is_login;
    } rows[] = {
        {"/signin", true},
        {"/login", true},
        {"/signin?next=/abc", true},
        {"/SignIn/", true},
        {"/auth/login", true},
        {"/login/sso/x", true},
        {"/", false},
        {"", false},
        {"/abc", false},
        {"/login-party", false},
        {"/signing", false},
        {"/a/login/b", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (fetch_is_login_path(slice_from_cstr(rows[i].path)) != rows[i].is_login)
            fail_msg("%s", rows[i].path);
}

static void test_redirects(void **state)
{
    (void)state;
    for (int status = 200; status < 400; status++)
        assert_int_equal(fetch_is_redirect(status), status == 301 || status == 302 ||
                                                        status == 303 || status == 307 ||
                                                        status == 308);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_login_paths),
        cmocka_unit_test(test_redirects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
