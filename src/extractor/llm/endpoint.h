// One server that speaks POST {base}/chat/completions, and how sending there can end.
#pragma once

#include "extractor/llm/breaker.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"
#include "lib/http/client.h"

#include <stdatomic.h>

enum { LLM_MAX_ANSWER_BYTES = 256 * 1024 };

enum llm_result {
    LLM_RESULT_OK,
    LLM_RESULT_TIMEOUT,
    LLM_RESULT_NETWORK,      // no connection, or one that was cut
    LLM_RESULT_RATE_LIMITED, // 429
    LLM_RESULT_SERVER_ERROR, // 5xx
    LLM_RESULT_REFUSED,      // 401, 403: the key
    LLM_RESULT_REJECTED,     // any other status
    LLM_RESULT_TOO_LARGE,
    LLM_RESULT_BROKEN,     // 200, but no chat completion
    LLM_RESULT_UNREADABLE, // a completion, but not what was asked for, again and again
    LLM_RESULT_CANCELLED,
    LLM_RESULT_NO_BUDGET,
    LLM_RESULT_PAUSED, // the circuit breakers are open
    LLM_RESULT_BUSY,   // too many pages wait
    LLM_RESULT_COUNT,
};
extern const char *const llm_result_names[LLM_RESULT_COUNT]; // "answered", "timeout", …

struct llm_endpoint {
    const char *name; // "primary", "fallback"
    const char *base_url, *api_key, *model;
    struct llm_breaker breaker;
    atomic_int format; // enum llm_format: the best that it knows
};

// Limits of one request, and who may end it.
struct llm_limits {
    uint64_t deadline_ms; // clock_monotonic_ms
    uint32_t first_byte_ms;
    const bool *cancel;
};

struct llm_reply {
    struct slice content; // in the arena; absent when the model refused to say anything
    bool has_usage;
    int64_t input_tokens, output_tokens;
    int status;              // of HTTP, 0: none
    uint32_t retry_after_ms; // 0: not said
};

// One attempt. The arena needs room for twice the answer's size.
enum llm_result llm_endpoint_send(const struct llm_endpoint *endpoint, struct http_client *client,
                                  struct slice body, const struct llm_limits *limits,
                                  struct arena *arena, struct llm_reply *ret_reply);

// Can the same request succeed a moment later?
bool llm_result_is_passing(enum llm_result result);
