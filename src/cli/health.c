// eventd health SERVICE: whether a service on this machine is ready, for container engines and scripts.
#include "cli/cli.h"
#include "lib/http/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 512 * 1024, MAX_ANSWER = 64 * 1024, TIMEOUT_MS = 3000 };

static int port_of(const struct config *config, const char *service)
{
    const struct {
        const char *name;
        int port;
    } services[] = {
        {"api", config->api_port},
        {"processor", config->processor_port},
        {"extractor", config->extractor_port},
    };
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        if (strcmp(services[i].name, service) == 0)
            return services[i].port;
    return 0;
}

// 200, any other status, or 0 when nobody answers.
static int ask(const struct config *config, int port, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(ARENA_BYTES);
    struct http_client *client = NULL;
    struct http_client_response response = {0};
    const char *host = strchr(config->bind, ':') ? "[::1]" : "127.0.0.1";
    const struct http_client_request request = {
        .url = arena_printf(arena, "http://%s:%d/health/ready", host, port),
        .max_body_bytes = MAX_ANSWER,
        .connect_timeout_ms = TIMEOUT_MS,
        .total_timeout_ms = TIMEOUT_MS,
    };
    enum err err = http_client_new(&client, ret_error);
    if (!err)
        err = http_client_send(client, &request, arena, &response, ret_error);
    http_client_free(client);
    return err ? 0 : response.status;
}

int cli_health(int argc, char **argv)
{
    if (argc != 2) {
        cli_complain("usage: eventd health api|processor|extractor");
        return CLI_USAGE;
    }
    struct config *config CLEANUP(config_free_cleanup) = cli_config("health");
    if (!config)
        return CLI_BAD_CONFIG;
    int port = port_of(config, argv[1]);
    if (!port) {
        cli_complain("'%s' is not a service with a port of its own: api, processor, extractor",
                     argv[1]);
        return CLI_USAGE;
    }
    struct error error = {0};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int status = ask(config, port, &error);
    curl_global_cleanup();
    if (status == 200)
        puts("ready");
    else if (status)
        cli_complain("%s is not ready: it answers %d", argv[1], status);
    else
        cli_complain("%s does not answer: %s", argv[1], error.detail);
    return status == 200 ? CLI_OK : CLI_FAILED;
}
