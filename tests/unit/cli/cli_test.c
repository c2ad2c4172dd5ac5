// What the program says and answers to a command line: commands of the test's own, and those that need no database.
#include "cli/cli.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int seen_argc;
static const char *seen_first, *seen_second;

static int remember(int argc, char **argv)
{
    seen_argc = argc;
    seen_first = argv[0];
    seen_second = argc > 1 ? argv[1] : NULL;
    return 7;
}

static const struct cli_command commands[] = {
    {"scrape", "URL", "read one page", remember},
    {"config", "[NAME]", "settings", cli_config_print},
    {"hidden", "", NULL, remember},
};

static char out_text[256 * 1024], err_text[4096];

static int redirect(int fd, const char *template)
{
    char path[64];
    snprintf(path, sizeof path, "%s", template);
    int kept = fcntl(fd, F_DUPFD_CLOEXEC, 10), file = mkstemp(path);
    assert_true(kept >= 0 && file >= 0);
    unlink(path);
    dup2(file, fd);
    close(file);
    return kept;
}

static void restore(int fd, int kept, char *text, size_t size)
{
    ssize_t n = pread(fd, text, size - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    dup2(kept, fd);
    close(kept);
}

// Runs a command line; what it writes is in out_text and err_text afterwards.
#define RUN(...) run((const char *const[]){"eventd" __VA_OPT__(, ) __VA_ARGS__, NULL})
static int run(const char *const *argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    fflush(stdout);
    int kept_out = redirect(STDOUT_FILENO, "/tmp/cli_test.XXXXXX");
    int kept_err = redirect(STDERR_FILENO, "/tmp/cli_test.XXXXXX");
    int status = cli_main(commands, ARRAY_LEN(commands), argc, (char **)(uintptr_t)argv);
    fflush(stdout);
    restore(STDOUT_FILENO, kept_out, out_text, sizeof out_text);
    restore(STDERR_FILENO, kept_err, err_text, sizeof err_text);
    return status;
}

static void a_command_gets_its_arguments(void **)
{
    assert_int_equal(RUN("scrape", "https://luma.com/x"), 7);
    assert_int_equal(seen_argc, 2);
    assert_string_equal(seen_first, "scrape");
    assert_string_equal(seen_second, "https://luma.com/x");
    assert_int_equal(RUN("hidden"), 7);
    assert_int_equal(seen_argc, 1);
}

static void an_unknown_command_names_the_nearest(void **)
{
    assert_int_equal(RUN("scrap"), CLI_USAGE);
    assert_string_equal(err_text, "eventd: unknown command 'scrap'; did you mean 'scrape'?\n");
    assert_int_equal(RUN("banana"), CLI_USAGE);
    assert_string_equal(err_text, "eventd: unknown command 'banana'; `eventd help` lists them\n");
    // What is not for people is not proposed to them.
    assert_int_equal(RUN("hiden"), CLI_USAGE);
    assert_null(strstr(err_text, "hidden"));
}

static void help_lists_the_commands(void **)
{
    assert_int_equal(RUN("help"), CLI_OK);
    assert_non_null(strstr(out_text, "\n  scrape    URL          read one page\n"));
    assert_null(strstr(out_text, "hidden"));
    assert_int_equal(RUN("--help"), CLI_OK);
    assert_int_equal(RUN(), CLI_USAGE);
    assert_non_null(strstr(out_text, "usage: eventd COMMAND"));
    assert_int_equal(RUN("help", "scrape"), CLI_OK);
    assert_string_equal(out_text, "usage: eventd scrape URL\n\nread one page\n");
    seen_argc = 0;
    assert_int_equal(RUN("scrape", "--help"), CLI_OK);
    assert_int_equal(seen_argc, 0);
    assert_int_equal(RUN("help", "scrap"), CLI_USAGE);
}

static void the_version_is_told(void **)
{
    assert_int_equal(RUN("version"), CLI_OK);
    assert_string_equal(out_text, "eventd " EVENTD_VERSION "\n");
}

static void config_prints_all_or_one(void **)
{
    setenv("API_PORT", "3456", 1);
    setenv("SECRET_KEY_BASE", "sixteen-or-more-characters", 1);
    assert_int_equal(RUN("config"), CLI_OK);
    assert_non_null(strstr(out_text, "\nAPI_PORT=3456\n"));
    assert_null(strstr(out_text, "sixteen"));
    assert_int_equal(RUN("config", "API_PORT"), CLI_OK);
    assert_string_equal(out_text, "3456\n");
    assert_int_equal(RUN("config", "API_PROT"), CLI_USAGE);
    assert_string_equal(err_text, "eventd: unknown setting API_PROT; did you mean API_PORT?\n");
    assert_int_equal(RUN("config", "API_PORT", "BIND"), CLI_USAGE);
    setenv("API_PORT", "many", 1);
    assert_int_equal(RUN("config"), CLI_BAD_CONFIG);
    assert_non_null(strstr(err_text, "eventd: API_PORT: expected a whole number"));
    unsetenv("API_PORT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_gets_its_arguments),
        cmocka_unit_test(an_unknown_command_names_the_nearest),
        cmocka_unit_test(help_lists_the_commands),
        cmocka_unit_test(the_version_is_told),
        cmocka_unit_test(config_prints_all_or_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
