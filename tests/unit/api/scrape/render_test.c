#include "api/scrape/render.h"

#include "lib/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void frames_for_scripts_are_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *html;
        bool needed;
    } cases[] = {
        {"<div id=root></div><script src=/app.js></script>", true},
        {"<DIV></DIV><SCRIPT SRC=/app.js></SCRIPT>", true},
        {"<h1>Plain</h1>", false},
        {"", false},
        {"<script type=\"application/ld+json\">{}</script><script src=a></script>", false},
        {"<script id=\"__NEXT_DATA__\">{}</script>", false},
        {"<div itemscope itemtype=\"https://schema.org/Event\"></div><script></script>", false},
        {"<div typeof=\"Event\"></div><script></script>", false},
        {"<div class=\"h-event\"></div><script></script>", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (render_is_needed(slice_from_cstr(cases[i].html)) != cases[i].needed)
            fail_msg("%s", cases[i].html);
}

static enum err load_nothing(void *user, struct slice url, struct arena *arena,
                             struct slice *ret_body, struct slice *ret_content_type,
                             int *ret_status, struct error *ret_error)
{
    (void)user, (void)url, (void)arena, (void)ret_body, (void)ret_content_type, (void)ret_status;
    return error_set(ret_error, ERR_NOT_FOUND, "nothing is here");
}

// What stands at the place of the browser: the reason for the failure must be told, within the time.
static enum err render_with(const char *program, uint32_t timeout_ms, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(1024 * 1024);
    const struct render_options options = {.browser = program,
                                           .timeout_ms = timeout_ms,
                                           .max_bytes = 1024 * 1024,
                                           .load = load_nothing};
    struct slice html;
    return render_page(&options, SLICE("https://luma.com/x"), SLICE("<p>x"), arena, &html,
                       ret_error);
}

static void a_browser_that_is_none_is_an_error(void **state)
{
    (void)state;
    struct error error = {0};
    assert_int_equal(render_with("/nonexistent/chromium", 5000, &error), ERR_IO);
    assert_int_equal(render_with("no-such-program-anywhere", 5000, &error), ERR_IO);
    assert_int_equal(render_with("true", 5000, &error), ERR_IO);  // ends at once, without a word
    assert_int_equal(render_with("sleep", 5000, &error), ERR_IO); // complains about the switches
}

static void a_browser_that_says_nothing_is_out_of_time(void **state)
{
    (void)state;
    char path[] = "/tmp/eventd-silent-XXXXXX";
    static const char script[] = "#!/bin/sh\nexec sleep 60\n";
    struct error error = {0};
    int fd = mkstemp(path);
    assert_int_equal(write(fd, script, sizeof script - 1), sizeof script - 1);
    assert_int_equal(fchmod(fd, 0755), 0);
    close(fd);
    enum err err = render_with(path, 300, &error);
    unlink(path);
    assert_int_equal(err, ERR_FETCH_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_for_scripts_are_recognised),
        cmocka_unit_test(a_browser_that_is_none_is_an_error),
        cmocka_unit_test(a_browser_that_says_nothing_is_out_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
