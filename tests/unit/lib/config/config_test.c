#include "lib/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], state_dir[128], file_variable[160], file_path[128], secrets_path[128];

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int start(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/config_test.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(state_dir, sizeof state_dir, "STATE_DIR=%s", folder);
    snprintf(file_path, sizeof file_path, "%s/eventd.conf", folder);
    snprintf(file_variable, sizeof file_variable, "EVENTD_CONFIG=%s", file_path);
    snprintf(secrets_path, sizeof secrets_path, "%s/secrets", folder);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    unlink(file_path);
    unlink(secrets_path);
    return rmdir(folder);
}

// The configuration from these variables, with STATE_DIR in the test's folder.
#define LOAD(...) load((const char *const[]){state_dir __VA_OPT__(, ) __VA_ARGS__, NULL})
static struct config *load(const char *const *environment)
{
    struct config *config = NULL;
    struct error error = {0};
    if (config_load_from(environment, &config, &error))
        fail_msg("%s", error.detail);
    return config;
}

#define LOAD_ERROR(...) \
    load_error((const char *const[]){state_dir __VA_OPT__(, ) __VA_ARGS__, NULL})
static const char *load_error(const char *const *environment)
{
    static struct error error;
    struct config *config = NULL;
    error = (struct error){0};
    assert_int_equal(config_load_from(environment, &config, &error), ERR_CONFIG_INVALID);
    assert_null(config);
    return error.detail;
}

static const char *file_error(const char *text)
{
    write_file(file_path, text);
    const char *detail = LOAD_ERROR(file_variable);
    unlink(file_path);
    return detail;
}

#define assert_contains(text, part)                     \
    do {                                                \
        if (!strstr((text), (part)))                    \
            fail_msg("'%s' is not in: %s", part, text); \
    } while (0)

static void defaults_hold(void **state)
{
    (void)state;
    struct config *config CLEANUP(config_free_cleanup) = LOAD();
    assert_int_equal(config->api_port, 3000);
    assert_int_equal(config->processor_port, 4000);
    assert_int_equal(config->extractor_port, 8080);
    assert_string_equal(config->bind, "127.0.0.1");
    assert_string_equal(config->database_url, "");
    assert_string_equal(config->state_dir, folder);
    assert_string_equal(config->processor_url, "http://127.0.0.1:4000");
    assert_string_equal(config->extractor_url, "http://127.0.0.1:8080");
    assert_int_equal(config->scrape_allowed_hosts.count, 2);
    assert_string_equal(config->scrape_allowed_hosts.items[1], "luma.com");
    assert_int_equal(config->scrape_proxies.count, 0);
    assert_int_equal(config->job_lease_ms, 15000);
    assert_int_equal(config->render, CONFIG_RENDER_OFF);
    assert_false(config->public_read);
    assert_false(config_is_set(config, api_port));
    assert_true(config_is_set(config, state_dir));
}

static void the_environment_is_typed(void **state)
{
    (void)state;
    struct config *config CLEANUP(config_free_cleanup) = LOAD(
        "API_PORT=3100", "PUBLIC_READ=Yes", "SCRAPE_MIN_DELAY_MS=2s", "JOB_LEASE_MS=1500ms",
        "SCRAPE_TIMEOUT_MS=250", "SCRAPE_PROXIES= http://a:1 ,, socks5h://b:2,", "RENDER=auto",
        "LOG_LEVEL=warn", "EMBEDDING_PROVIDER=openai", "SLOW_STATEMENT_MS=-1",
        "PROCESSOR_URL=https://p.example/base/", "OTHER=thing", "EXTRACTOR_PORT=81", "BIND=::");
    assert_int_equal(config->api_port, 3100);
    assert_true(config_is_set(config, api_port));
    assert_true(config->public_read);
    assert_int_equal(config->scrape_min_delay_ms, 2000);
    assert_int_equal(config->job_lease_ms, 1500);
    assert_int_equal(config->scrape_timeout_ms, 250);
    assert_int_equal(config->scrape_proxies.count, 2);
    assert_string_equal(config->scrape_proxies.items[0], "http://a:1");
    assert_string_equal(config->scrape_proxies.items[1], "socks5h://b:2");
    assert_int_equal(config->render, CONFIG_RENDER_AUTO);
    assert_int_equal(config->log_level, 2);
    assert_int_equal(config->embedding_provider, CONFIG_EMBEDDING_OPENAI);
    assert_int_equal(config->slow_statement_ms, -1);
    assert_string_equal(config->processor_url, "https://p.example/base");
    assert_string_equal(config->extractor_url, "http://127.0.0.1:81");
}

static void local_addresses_follow_bind(void **state)
{
    (void)state;
    struct config *config CLEANUP(config_free_cleanup) = LOAD("BIND=::1", "PROCESSOR_PORT=5");
    assert_string_equal(config->processor_url, "http://[::1]:5");
}

static void an_empty_variable_is_unset(void **state)
{
    (void)state;
    struct config *config CLEANUP(config_free_cleanup) =
        LOAD("API_PORT=", "DATABASE_URL=", "EVENTD_CONFIG=");
    assert_int_equal(config->api_port, 3000);
    assert_false(config_is_set(config, api_port));
    assert_true(config_is_embedded(config));
}

static void bad_values_name_the_setting(void **state)
{
    (void)state;
    static const struct {
        const char *variable;
        const char *part;
    } cases[] = {
        {"API_PORT=http", "API_PORT: expected a whole number from 0 to 65535, not 'http'"},
        {"API_PORT=65536", "API_PORT"},
        {"API_PORT=-1", "API_PORT"},
        {"API_PORT=80 ", "API_PORT"},
        {"API_PORT=99999999999999999999", "API_PORT"},
        {"PUBLIC_READ=maybe", "PUBLIC_READ: expected true or false, not 'maybe'"},
        {"JOB_LEASE_MS=1h", "JOB_LEASE_MS: expected a time such as"},
        {"JOB_LEASE_MS=10ms", "JOB_LEASE_MS: expected a whole number from 1000"},
        {"JOB_LEASE_MS=9223372036854775807m", "JOB_LEASE_MS"},
        {"JOB_LEASE_MS=-5s", "JOB_LEASE_MS"},
        {"LOG_LEVEL=loud", "LOG_LEVEL: expected debug|info|warn|error, not 'loud'"},
        {"PROCESSOR_URL=localhost:4000", "PROCESSOR_URL: expected an http:// or https:// address"},
        {"PROCESSOR_URL=http:///x", "PROCESSOR_URL"},
        {"STATE_DIR=relative/path", "STATE_DIR: expected a path that begins with '/'"},
        {"EVENTD_CONFIG=/nonexistent/eventd.conf", "EVENTD_CONFIG: /nonexistent/eventd.conf: No"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_contains(load_error((const char *const[]){cases[i].variable, NULL}), cases[i].part);
}

static void a_bad_secret_is_not_repeated(void **state)
{
    (void)state;
    const char *detail = LOAD_ERROR("SECRET_KEY_BASE=tooshort");
    assert_contains(detail, "SECRET_KEY_BASE: too short");
    assert_null(strstr(detail, "tooshort"));
}

static void the_file_is_read_below_the_environment(void **state)
{
    (void)state;
    write_file(file_path, "# ports\r\n"
                          "API_PORT = 3001   # the public one\n"
                          "\n"
                          "PROCESSOR_PORT=4001\n"
                          "OPENAI_MODEL=\"a \\\"quoted\\\" # model\"  # why not\n"
                          "EMBEDDING_MODEL='as \\it is'\n"
                          "PROCESSOR_URL=http://p.example/#x\n"
                          "LOG_LEVEL=");
    struct config *config CLEANUP(config_free_cleanup) = LOAD(file_variable, "PROCESSOR_PORT=4002");
    assert_int_equal(config->api_port, 3001);
    assert_int_equal(config->processor_port, 4002);
    assert_string_equal(config->openai_model, "a \"quoted\" # model");
    assert_string_equal(config->embedding_model, "as \\it is");
    assert_string_equal(config->processor_url, "http://p.example/#x");
    assert_int_equal(config->sources[CONFIG_KEY_api_port], CONFIG_SOURCE_FILE);
    assert_int_equal(config->sources[CONFIG_KEY_processor_port], CONFIG_SOURCE_ENVIRONMENT);
    assert_int_equal(config->sources[CONFIG_KEY_log_level], CONFIG_SOURCE_DEFAULT);
    unlink(file_path);
}

static void mistakes_in_the_file_are_found(void **state)
{
    (void)state;
    assert_contains(file_error("\nAPI_PROT=1\n"),
                    "eventd.conf, line 2: unknown key API_PROT; did you mean API_PORT?");
    assert_contains(file_error("BANANA=1"), "line 1: unknown key BANANA");
    assert_contains(file_error("API_PORT=1\nBIND=x\nAPI_PORT=2"),
                    "line 3: this key was given before");
    assert_contains(file_error("API_PORT"), "line 1: expected KEY=VALUE");
    assert_contains(file_error("API PORT=1"), "line 1: expected KEY=VALUE");
    assert_contains(file_error("BIND=\"open"), "line 1: the closing quote is missing");
    assert_contains(file_error("BIND='x' y"), "line 1: text behind the closing quote");
    assert_contains(file_error("\nAPI_PORT=x"), "line 2: API_PORT: expected a whole number");
}

static void the_state_folder_follows_the_user(void **state)
{
    (void)state;
    struct config *a CLEANUP(config_free_cleanup) =
        load((const char *const[]){"HOME=/home/x", NULL});
    struct config *b CLEANUP(config_free_cleanup) =
        load((const char *const[]){"HOME=/home/x", "XDG_STATE_HOME=/var/x", NULL});
    bool root = geteuid() == 0;
    assert_string_equal(a->state_dir, root ? "/var/lib/eventd" : "/home/x/.local/state/eventd");
    assert_string_equal(b->state_dir, root ? "/var/lib/eventd" : "/var/x/eventd");
}

static void the_database_address_falls_back_to_the_embedded_one(void **state)
{
    (void)state;
    struct config *set CLEANUP(config_free_cleanup) = LOAD("DATABASE_URL=postgresql://h/d");
    assert_false(config_is_embedded(set));
    assert_string_equal(config_database_url(set), "postgresql://h/d");
    struct config *unset CLEANUP(config_free_cleanup) =
        load((const char *const[]){"STATE_DIR=/srv/a b&c%d", NULL});
    assert_true(config_is_embedded(unset));
    assert_string_equal(config_database_url(unset),
                        "postgresql://eventd@/events?host=/srv/a%20b%26c%25d/postgres");
}

static void secrets_are_made_once_and_kept(void **state)
{
    (void)state;
    struct error error = {0};
    struct stat st;
    struct config *first CLEANUP(config_free_cleanup) = LOAD();
    assert_int_equal(config_keep_secrets(first, &error), ERR_OK);
    assert_int_equal(strlen(first->internal_token), 64);
    assert_int_equal(strlen(first->secret_key_base), 64);
    assert_string_not_equal(first->internal_token, first->secret_key_base);
    assert_int_equal(stat(secrets_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    struct config *second CLEANUP(config_free_cleanup) = LOAD();
    assert_string_equal(second->internal_token, first->internal_token);
    assert_int_equal(second->sources[CONFIG_KEY_internal_token], CONFIG_SOURCE_STATE);
    assert_int_equal(config_keep_secrets(second, &error), ERR_OK);
    assert_string_equal(second->secret_key_base, first->secret_key_base);

    struct config *third CLEANUP(config_free_cleanup) = LOAD("INTERNAL_TOKEN=mine");
    assert_string_equal(third->internal_token, "mine");
    assert_string_equal(third->secret_key_base, first->secret_key_base);
    unlink(secrets_path);
}

static void a_secret_of_the_owner_is_not_written_down(void **state)
{
    (void)state;
    struct error error = {0};
    struct config *config CLEANUP(config_free_cleanup) = LOAD("INTERNAL_TOKEN=of-the-owner");
    assert_int_equal(config_keep_secrets(config, &error), ERR_OK);
    char text[512] = "";
    FILE *file = fopen(secrets_path, "re");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_null(strstr(text, "of-the-owner"));
    assert_contains(text, "SECRET_KEY_BASE=");
    unlink(secrets_path);
}

static void keeping_secrets_may_fail(void **state)
{
    (void)state;
    struct error error = {0};
    struct config *config CLEANUP(config_free_cleanup) =
        load((const char *const[]){"STATE_DIR=/nonexistent/folder", NULL});
    assert_int_equal(config_keep_secrets(config, &error), ERR_IO);
    assert_contains(error.detail, "/nonexistent/folder/secrets");
}

static char *print(const struct config *config)
{
    struct buffer out;
    buffer_init(&out, 1024 * 1024);
    config_print(config, &out);
    assert_false(out.overflow);
    return buffer_take(&out);
}

static void free_text(char **text)
{
    free(*text);
}

static void printing_masks_what_is_secret(void **state)
{
    (void)state;
    struct config *config CLEANUP(config_free_cleanup) = LOAD(
        "DATABASE_URL=postgresql://u:hidden1@h1:5432,h2:5432/d?sslpassword=hidden2&x=1",
        "DATABASE_REPLICA_URLS=host=r password=hidden3 user=u",
        "SCRAPE_PROXIES=http://u:hidden4@p:1,socks5h://v:hid@den5@q:2", "OPENAI_API_KEY=hidden6",
        "OPENAI_BASE_URL=http://u:hid/den7@h/v1", "SECRET_KEY_BASE=hidden8hidden8hidden8",
        "SCRAPE_ORIGIN_OVERRIDE=https://luma.com=http://127.0.0.1:8099",
        "PROCESSOR_URL=http://127.0.0.1:80/a@b");
    char *text CLEANUP(free_text) = print(config);
    assert_null(strstr(text, "hid"));
    assert_null(strstr(text, "den"));
    assert_contains(text, "\nDATABASE_URL=postgresql://u:********@h1:5432,h2:5432/"
                          "d?sslpassword=********&x=1\n");
    assert_contains(text, "\nDATABASE_REPLICA_URLS=\"host=r password=******** user=u\"\n");
    assert_contains(text, "\nSCRAPE_PROXIES=http://u:********@p:1,socks5h://v:********@q:2\n");
    assert_contains(text, "\nOPENAI_API_KEY=********\n");
    assert_contains(text, "\nINTERNAL_TOKEN=\n");
    assert_contains(text, "=https://luma.com=http://127.0.0.1:8099\n");
    assert_contains(text, "\nPROCESSOR_URL=http://127.0.0.1:80/a@b\n");
}

static void what_is_printed_can_be_read(void **state)
{
    (void)state;
    struct config *config CLEANUP(config_free_cleanup) =
        LOAD("API_PORT=3009", "OPENAI_MODEL=a \"b\" \\ # c\td\ne", "RENDER=auto");
    char *text CLEANUP(free_text) = print(config);
    assert_contains(text, "[environment]\nAPI_PORT=3009\n");
    assert_contains(text, "[default]\nPROCESSOR_PORT=4000\n");
    write_file(file_path, text);
    struct config *again CLEANUP(config_free_cleanup) = LOAD(file_variable);
    assert_string_equal(again->openai_model, "a \"b\" \\ # c\td\ne");
    assert_int_equal(again->api_port, 3009);
    assert_int_equal(again->render, CONFIG_RENDER_AUTO);
    unlink(file_path);
}

static void single_values_are_not_masked(void **state)
{
    (void)state;
    struct config *config CLEANUP(config_free_cleanup) =
        LOAD("INTERNAL_TOKEN=of-ours", "API_PORT=1");
    struct buffer out CLEANUP(buffer_done);
    struct error error = {0};
    buffer_init(&out, 4096);
    assert_int_equal(config_print_value(config, SLICE("INTERNAL_TOKEN"), &out, &error), ERR_OK);
    assert_string_equal(out.ptr, "of-ours");
    buffer_clear(&out);
    assert_int_equal(config_print_value(config, SLICE("DATABASE_URL"), &out, &error), ERR_OK);
    assert_string_equal(out.ptr, config->embedded_url);
    assert_int_equal(config_print_value(config, SLICE("API_PROT"), &out, &error), ERR_NOT_FOUND);
    assert_contains(error.detail, "did you mean API_PORT?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_hold),
        cmocka_unit_test(the_environment_is_typed),
        cmocka_unit_test(local_addresses_follow_bind),
        cmocka_unit_test(an_empty_variable_is_unset),
        cmocka_unit_test(bad_values_name_the_setting),
        cmocka_unit_test(a_bad_secret_is_not_repeated),
        cmocka_unit_test(the_file_is_read_below_the_environment),
        cmocka_unit_test(mistakes_in_the_file_are_found),
        cmocka_unit_test(the_state_folder_follows_the_user),
        cmocka_unit_test(the_database_address_falls_back_to_the_embedded_one),
        cmocka_unit_test(secrets_are_made_once_and_kept),
        cmocka_unit_test(a_secret_of_the_owner_is_not_written_down),
        cmocka_unit_test(keeping_secrets_may_fail),
        cmocka_unit_test(printing_masks_what_is_secret),
        cmocka_unit_test(what_is_printed_can_be_read),
        cmocka_unit_test(single_values_are_not_masked),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
