// eventd up: everything on one machine. The table below is what runs.
#include "cli/cli.h"
#include "cli/key.h"
#include "cli/postgres.h"
#include "cli/state.h"
#include "lib/log/log.h"
#include "lib/supervise/supervise.h"
#include "statements.gen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POSTGRES_STOP_MS = 30000,
    SERVICE_STOP_MS = 20000,
    LONG_START_MS = 3600000 // recovery after a crash and large migrations take as long as they take
};

#define ARGV(...) ((const char *const[]){"eventd", __VA_ARGS__, NULL})

// In the order of their start; they are stopped in the opposite one. Needs that do not run here count as met.
static const struct supervise_service all_services[] = {
    {.name = "postgres",
     .argv = ARGV("postgres"),
     .stop_signal = SIGINT,  // closes the connections and ends
     .kill_signal = SIGQUIT, // ends at once, recovers at the next start
     .stop_timeout_ms = POSTGRES_STOP_MS,
     .start_timeout_ms = LONG_START_MS,
     .may_start = postgres_may_start,
     .is_ready = postgres_is_ready},
    {.name = "migrate",
     .argv = ARGV("migrate", "--wait", "30"),
     .policy = SUPERVISE_TRANSIENT,
     .needs = {"postgres"},
     .start_timeout_ms = LONG_START_MS},
    {.name = "extractor", .argv = ARGV("extractor"), .stop_timeout_ms = SERVICE_STOP_MS},
    {.name = "processor",
     .argv = ARGV("processor"),
     .needs = {"migrate"},
     .stop_timeout_ms = SERVICE_STOP_MS},
    {.name = "api", .argv = ARGV("api"), .needs = {"migrate"}, .stop_timeout_ms = SERVICE_STOP_MS},
};

struct stack {
    const struct config *config;
    bool is_development; // the embedded database, and nobody from elsewhere
    struct embedded_postgres postgres;
    struct supervise_service services[ARRAY_LEN(all_services)];
    size_t count;
};

// What is reached elsewhere does not run here.
static bool runs_here(const struct config *config, const char *name)
{
    if (strcmp(name, "postgres") == 0)
        return config_is_embedded(config);
    if (strcmp(name, "extractor") == 0)
        return !config_is_set(config, extractor_url);
    if (strcmp(name, "processor") == 0)
        return !config_is_set(config, processor_url);
    return true;
}

static void add_service(struct stack *stack, const struct supervise_service *row)
{
    struct supervise_service service = *row;
    size_t kept = 0;
    for (size_t i = 0; i < SUPERVISE_MAX_NEEDS && row->needs[i]; i++)
        if (runs_here(stack->config, row->needs[i]))
            service.needs[kept++] = row->needs[i];
    while (kept < SUPERVISE_MAX_NEEDS)
        service.needs[kept++] = NULL;
    if (service.is_ready == postgres_is_ready)
        service.data = &stack->postgres;
    stack->services[stack->count++] = service;
}

static const char *local_host(const struct config *config)
{
    bool any = strcmp(config->bind, "0.0.0.0") == 0 || strcmp(config->bind, "::") == 0;
    return any ? "127.0.0.1" : config->bind;
}

static bool is_loopback(const struct config *config)
{
    return strncmp(config->bind, "127.", strlen("127.")) == 0 || strcmp(config->bind, "::1") == 0;
}

// Somebody has to have the first key: it is made when there is none, and shown this once.
static void print_first_key(const struct config *config)
{
    const struct db_options options = {.url = config_database_url(config),
                                       .application_name = "eventd up"};
    const struct cli_key_wish wish = {.name = "first key", .role = "admin", .user = "admin"};
    struct db_session *session = db_session_new(&options);
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    char text[ACCOUNT_KEY_TEXT];
    struct error error = {0};
    enum err err = db_session_query(session, &sql_accounts_has_keys, NULL, &rows, &error);
    if (!err && !db_rows_bool(rows, 0, 0)) {
        err = cli_key_create(session, &wish, text, &error);
        if (!err)
            printf("%-10s %s (shown only now; more: eventd key create)\n", "key", text);
    }
    if (err)
        log_warn("no_first_key", log_str("detail", error.detail));
    db_session_free(session);
}

static void print_addresses(void *data)
{
    const struct stack *stack = data;
    const struct config *config = stack->config;
    const char *host = local_host(config);
    bool v6 = strchr(host, ':') != NULL;
    printf("%-10s http://%s%s%s:%d\n", "api", v6 ? "[" : "", host, v6 ? "]" : "", config->api_port);
    printf("%-10s %s\n", "processor", config->processor_url);
    printf("%-10s %s\n", "extractor", config->extractor_url);
    if (stack->is_development)
        print_first_key(config);
    puts("ready");
    fflush(stdout);
}

// The children find their settings where we found them; what they could not find is said here.
static void set_environment(const struct config *config)
{
    setenv("STATE_DIR", config->state_dir, 1);
    // On a developer's own machine reading needs no key.
    if (config_is_embedded(config) && is_loopback(config) && !config_is_set(config, public_read))
        setenv("PUBLIC_READ", "true", 1);
}

static bool check_ports(const struct config *config)
{
    if (config->api_port && config->processor_port && config->extractor_port)
        return true;
    cli_complain("port 0 is for single services: up tells where each of them is");
    return false;
}

int cli_up(int argc, char **argv)
{
    int usage = cli_no_arguments(argc, argv);
    if (usage)
        return usage;
    struct error error = {0};
    struct config *config CLEANUP(config_free_cleanup) = cli_config("up");
    if (!config || !check_ports(config) || !state_make(config))
        return CLI_BAD_CONFIG;
    if (!state_lock(config))
        return CLI_FAILED;
    if (config_keep_secrets(config, &error)) {
        cli_complain("%s", error.detail);
        return CLI_FAILED;
    }
    set_environment(config);
    struct stack stack = {.config = config,
                          .is_development = config_is_embedded(config) && is_loopback(config)};
    postgres_init(&stack.postgres, config);
    for (size_t i = 0; i < ARRAY_LEN(all_services); i++)
        if (runs_here(config, all_services[i].name))
            add_service(&stack, &all_services[i]);
    return supervise_run(&(struct supervise_options){.services = stack.services,
                                                     .count = stack.count,
                                                     .on_ready = print_addresses,
                                                     .data = &stack});
}
