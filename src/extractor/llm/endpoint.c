#include "extractor/llm/endpoint.h"

#include "lib/base/clock.h"
#include "lib/json/json.h"

enum {
    CONNECT_TIMEOUT_MS = 3000,
    ATTEMPT_ARENA_BYTES = 64 * 1024 * 1024, // an answer of nothing but brackets takes a third
    MAX_RETRY_AFTER_MS = 15 * 60 * 1000,
    MAX_TOKENS = 10 * 1000 * 1000, // that one request can have cost; more is no count
};

const char *const llm_result_names[LLM_RESULT_COUNT] = {
    "answered",  "timeout",   "network",   "rate_limited",  "server_error",
    "refused",   "rejected",  "too_large", "broken_answer", "unreadable",
    "cancelled", "no_budget", "paused",    "busy"};

bool llm_result_is_passing(enum llm_result result)
{
    return result == LLM_RESULT_NETWORK || result == LLM_RESULT_RATE_LIMITED ||
           result == LLM_RESULT_SERVER_ERROR || result == LLM_RESULT_BROKEN;
}

static enum llm_result result_of_error(enum err err)
{
    switch ((int)err) {
    case ERR_FETCH_TIMEOUT:
        return LLM_RESULT_TIMEOUT;
    case ERR_PAGE_TOO_LARGE:
        return LLM_RESULT_TOO_LARGE;
    case ERR_SHUTTING_DOWN:
        return LLM_RESULT_CANCELLED;
    case ERR_URL_NOT_ALLOWED:
        return LLM_RESULT_REJECTED;
    default:
        return LLM_RESULT_NETWORK;
    }
}

static enum llm_result result_of_status(int status)
{
    if (status == 429)
        return LLM_RESULT_RATE_LIMITED;
    if (status == 401 || status == 403)
        return LLM_RESULT_REFUSED;
    return status >= 500 ? LLM_RESULT_SERVER_ERROR : LLM_RESULT_REJECTED;
}

static bool read_count(yyjson_val *root, const char *path, int64_t *ret_count)
{
    *ret_count = json_get_int(root, path, -1);
    return *ret_count >= 0 && *ret_count <= MAX_TOKENS;
}

// {"choices": [{"message": {"content": "…"}}], "usage": {"prompt_tokens", "completion_tokens"}}
static enum llm_result read_completion(struct slice body, struct arena *scratch,
                                       struct arena *arena, struct llm_reply *ret_reply)
{
    yyjson_val *root;
    if (json_parse(scratch, body, &root, NULL))
        return LLM_RESULT_BROKEN;
    ret_reply->has_usage = read_count(root, "usage.prompt_tokens", &ret_reply->input_tokens) &&
                           read_count(root, "usage.completion_tokens", &ret_reply->output_tokens);
    yyjson_val *message = json_get(root, "choices.0.message");
    struct slice content = json_get_text(message, "content");
    if (!content.ptr)
        content = json_get_text(message, "content.0.text");
    if (content.ptr)
        ret_reply->content = arena_slice(arena, content);
    return yyjson_is_obj(message) ? LLM_RESULT_OK : LLM_RESULT_BROKEN;
}

enum llm_result llm_endpoint_send(const struct llm_endpoint *endpoint, struct http_client *client,
                                  struct slice body, const struct llm_limits *limits,
                                  struct arena *arena, struct llm_reply *ret_reply)
{
    *ret_reply = (struct llm_reply){0};
    uint64_t now = clock_monotonic_ms();
    if (now >= limits->deadline_ms)
        return LLM_RESULT_TIMEOUT;
    struct arena *scratch CLEANUP(arena_free_cleanup) = arena_new(ATTEMPT_ARENA_BYTES);
    const char *bearer = arena_printf(scratch, "Bearer %s", endpoint->api_key);
    const struct http_header headers[] = {
        {SLICE("Content-Type"), SLICE("application/json")},
        {SLICE("Authorization"), slice_from_cstr(bearer)},
    };
    const struct http_client_request request = {
        .method = "POST",
        .url = arena_printf(scratch, "%s/chat/completions", endpoint->base_url),
        .headers = headers,
        .header_count = ARRAY_LEN(headers),
        .body = body,
        .max_body_bytes = LLM_MAX_ANSWER_BYTES,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .total_timeout_ms = (uint32_t)(limits->deadline_ms - now),
        .stall_timeout_ms = limits->first_byte_ms,
        .cancel = limits->cancel,
    };
    struct http_client_response response;
    enum err err = http_client_send(client, &request, scratch, &response, NULL);
    if (err)
        return result_of_error(err);
    ret_reply->status = response.status;
    ret_reply->retry_after_ms = http_retry_after_ms(
        http_header_get(&response.headers, "Retry-After"), clock_unix_ms(), MAX_RETRY_AFTER_MS);
    if (response.status != 200)
        return result_of_status(response.status);
    return read_completion(response.body, scratch, arena, ret_reply);
}
