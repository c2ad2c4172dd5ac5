// eventd scrape URL: asks the running API for a page and prints the event that comes of it.
#include "cli/cli.h"
#include "lib/http/client.h"
#include "lib/json/json.h"

#include <stdio.h>
#include <string.h>

enum { WAIT_S = 60, MAX_ANSWER_BYTES = 32 * 1024 * 1024 };

static enum err ask(const struct config *config, const char *url, struct arena *arena,
                    struct http_client_response *ret_response, struct error *ret_error)
{
    struct http_client *client = NULL;
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 64 * 1024);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "url");
    json_cstr(&w, url);
    json_end_object(&w);
    const struct http_header headers[] = {
        {SLICE("Content-Type"), SLICE("application/json")},
        {SLICE("Authorization"),
         slice_from_cstr(arena_printf(arena, "Bearer %s", config->internal_token))},
    };
    const struct http_client_request request = {
        .method = "POST",
        .url = arena_printf(arena, "http://127.0.0.1:%d/api/scrape/luma?wait=%d", config->api_port,
                            WAIT_S),
        .headers = headers,
        .header_count = config->internal_token[0] ? 2 : 1,
        .body = buffer_slice(&body),
        .max_body_bytes = MAX_ANSWER_BYTES,
        .total_timeout_ms = (WAIT_S + 10) * 1000,
    };
    enum err err = http_client_new(&client, ret_error);
    if (!err)
        err = http_client_send(client, &request, arena, ret_response, ret_error);
    http_client_free(client);
    return err;
}

// What the answer comes to: the event itself, a refusal, or an event that is still on its way or has failed.
static int report(const struct http_client_response *response, struct arena *arena)
{
    yyjson_val *root = NULL;
    printf("%.*s\n", SLICE_FMT(response->body));
    if (response->status == 202) {
        cli_complain("still at work after %d s; ask again later", WAIT_S);
        return CLI_FAILED;
    }
    bool failed = response->status != 200 || json_parse(arena, response->body, &root, NULL) ||
                  slice_equal(json_get_text(root, "processing_status"), SLICE("failed"));
    return failed ? CLI_FAILED : CLI_OK;
}

int cli_scrape(int argc, char **argv)
{
    if (argc != 2) {
        cli_complain("%s takes one address", argv[0]);
        return CLI_USAGE;
    }
    struct config *config CLEANUP(config_free_cleanup) = cli_config("scrape");
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(2u * MAX_ANSWER_BYTES);
    struct http_client_response response;
    struct error error = {0};
    if (!config)
        return CLI_BAD_CONFIG;
    if (ask(config, argv[1], arena, &response, &error)) {
        cli_complain("the API does not answer on port %d (%s); start it with `eventd up`",
                     config->api_port, error.detail);
        return CLI_FAILED;
    }
    return report(&response, arena);
}
