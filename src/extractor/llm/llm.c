#include "extractor/llm/llm.h"

#include "extractor/llm/budget.h"
#include "extractor/llm/gaps.h"
#include "extractor/llm/merge.h"
#include "extractor/llm/prompt.h"
#include "lib/base/clock.h"
#include "lib/base/digest.h"
#include "lib/base/ensure.h"
#include "lib/log/log.h"
#include "lib/metric/metric.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    MAX_RETRIES = 2,
    MAX_REASKS = 2,
    FIRST_BACKOFF_MS = 500,
    SLEEP_STEP_MS = 50,
    MIN_RETRY_AFTER_HOLD_MS = 5000,
    REFUSED_HOLD_MS = 10 * 60 * 1000,
    PAGE_ARENA_BYTES = 256 * 1024 * 1024, // for all answers of a page together; taken as needed
    BYTES_A_TOKEN = 4,                    // of English; for what a server does not count
    MAX_PATH = 480,
    FOLDER_MODE = 0755,
};

static struct metric requests_total =
    METRIC_COUNTER("extractor_model_requests_total",
                   "Requests to language models, by how they ended.", "endpoint", "outcome");
static struct metric pages_total =
    METRIC_COUNTER("extractor_model_pages_total",
                   "Pages that a language model was wanted for, by what came of it.", "outcome");
static struct metric values_total = METRIC_COUNTER(
    "extractor_model_values_total", "Values that models gave, by what became of them.", "verdict");
static struct metric tokens_total =
    METRIC_COUNTER("extractor_model_tokens_total", "Tokens sent and received.", "direction");
static struct metric cost_micros = METRIC_COUNTER(
    "extractor_model_cost_micros_total", "Cost in millionths of a US dollar, as configured.");

struct llm {
    const struct config *config;
    struct llm_endpoint endpoints[2];
    size_t endpoint_count;
    struct llm_budget *budget;
};

// One page on its way.
struct asking {
    struct llm *llm;
    struct http_client *client;
    const struct llm_page *page;
    const struct llm_limits *limits;
    struct llm_usage *usage;
    struct llm_answer *answer;
};

static void add_endpoint(struct llm *llm, const char *name, const char *url, const char *key,
                         const char *model)
{
    struct llm_endpoint *endpoint = &llm->endpoints[llm->endpoint_count++];
    endpoint->name = name;
    endpoint->base_url = url;
    endpoint->api_key = key;
    endpoint->model = model;
    llm_breaker_init(&endpoint->breaker);
    atomic_init(&endpoint->format, LLM_FORMAT_SCHEMA);
}

struct llm *llm_new(const struct config *config)
{
    char path[MAX_PATH + 32];
    if (!config->openai_api_key[0])
        return NULL;
    struct llm *llm = calloc(1, sizeof *llm);
    ensure(llm);
    llm->config = config;
    add_endpoint(llm, "primary", config->openai_base_url, config->openai_api_key,
                 config->openai_model);
    if (config->openai_fallback_url[0])
        add_endpoint(llm, "fallback", config->openai_fallback_url,
                     config->openai_fallback_key[0] ? config->openai_fallback_key
                                                    : config->openai_api_key,
                     config->openai_fallback_model[0] ? config->openai_fallback_model
                                                      : config->openai_model);
    bool has_path = strlen(config->state_dir) < MAX_PATH;
    snprintf(path, sizeof path, "%s/model-tokens", has_path ? config->state_dir : "");
    llm->budget = llm_budget_new(has_path ? path : NULL, config->openai_daily_tokens);
    // A service that runs alone may find no folder yet. What cannot be kept is said at once, not only
    // with the first page.
    struct error error = {0};
    (void)!mkdir(config->state_dir, FOLDER_MODE);
    (void)!llm_budget_take(llm->budget, clock_unix_ms(), 0, &error);
    if (error.code)
        log_warn("model_budget_unknown", log_str("detail", error.detail));
    return llm;
}

void llm_free(struct llm *llm)
{
    if (!llm)
        return;
    for (size_t i = 0; i < llm->endpoint_count; i++)
        llm_breaker_done(&llm->endpoints[i].breaker);
    llm_budget_free(llm->budget);
    free(llm);
}

unsigned llm_wants_of(struct slice record_json)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(PAGE_ARENA_BYTES);
    struct llm_page page;
    return llm_page_read(arena, record_json, &page) ? llm_wants(&page) : 0;
}

// ---- money

// Returns what is taken, -1 when there is not so much left.
static int64_t take_budget(const struct asking *asking, size_t body_bytes)
{
    struct error error = {0};
    int64_t tokens = (int64_t)body_bytes / (BYTES_A_TOKEN - 1) + LLM_MAX_OUTPUT_TOKENS;
    if (llm_budget_take(asking->llm->budget, clock_unix_ms(), tokens, &error))
        return tokens;
    if (error.code)
        log_warn("model_budget_unknown", log_str("detail", error.detail));
    return -1;
}

// What a request has cost: as the server counts; where it does not say, by the bytes.
static void note_cost(const struct asking *asking, enum llm_result result,
                      const struct llm_reply *reply, size_t body_bytes, int64_t taken,
                      int64_t taken_unix_ms)
{
    struct llm_usage *usage = asking->usage;
    int64_t input = reply->input_tokens, output = reply->output_tokens;
    // A server that answers with an error, or is not there, has done no work.
    bool is_free = result == LLM_RESULT_NETWORK || (reply->status != 0 && reply->status != 200);
    if (!reply->has_usage) {
        input = is_free ? 0 : (int64_t)body_bytes / BYTES_A_TOKEN;
        output = (int64_t)reply->content.len / BYTES_A_TOKEN;
        usage->is_estimate |= !is_free;
    }
    usage->requests++;
    usage->input_tokens += input;
    usage->output_tokens += output;
    llm_budget_settle(asking->llm->budget, taken_unix_ms, clock_unix_ms(), taken, input + output);
    metric_add(metric_series(&tokens_total, "input"), (uint64_t)input);
    metric_add(metric_series(&tokens_total, "output"), (uint64_t)output);
}

static void settle_cost(const struct llm *llm, struct llm_usage *usage)
{
    // Thousandths of a dollar for a million tokens.
    int64_t input_price = llm->config->openai_input_price,
            output_price = llm->config->openai_output_price;
    usage->cost_usd = -1;
    if (input_price == 0 && output_price == 0)
        return;
    usage->cost_usd =
        (double)(usage->input_tokens * input_price + usage->output_tokens * output_price) / 1e9;
    metric_add(metric_series(&cost_micros), (uint64_t)(usage->cost_usd * 1e6 + 0.5));
}

// ---- asking

// False when it was cut short, or would pass the deadline.
static bool wait_before_retry(const struct llm_limits *limits, uint64_t wait_ms)
{
    uint64_t end = clock_monotonic_ms() + wait_ms;
    if (end >= limits->deadline_ms)
        return false;
    while (clock_monotonic_ms() < end) {
        if (limits->cancel && __atomic_load_n(limits->cancel, __ATOMIC_RELAXED))
            return false;
        nanosleep(&(struct timespec){.tv_nsec = SLEEP_STEP_MS * 1000000L}, NULL);
    }
    return true;
}

static uint64_t backoff_ms(int retry, const struct llm_reply *reply)
{
    uint8_t random;
    random_bytes(&random, sizeof random);
    uint64_t usual = ((uint64_t)FIRST_BACKOFF_MS << retry) + random;
    return reply->retry_after_ms > usual ? reply->retry_after_ms : usual;
}

// One question, tried again while that can help.
static enum llm_result send_patiently(const struct asking *asking, struct llm_endpoint *endpoint,
                                      struct slice body, struct llm_reply *ret_reply)
{
    for (int retry = 0;; retry++) {
        int64_t now_unix = clock_unix_ms(), taken = take_budget(asking, body.len);
        if (taken < 0)
            return LLM_RESULT_NO_BUDGET;
        enum llm_result result = llm_endpoint_send(endpoint, asking->client, body, asking->limits,
                                                   asking->page->arena, ret_reply);
        note_cost(asking, result, ret_reply, body.len, taken, now_unix);
        metric_inc(metric_series(&requests_total, endpoint->name, llm_result_names[result]));
        if (!llm_result_is_passing(result) || retry == MAX_RETRIES ||
            !wait_before_retry(asking->limits, backoff_ms(retry, ret_reply)))
            return result;
    }
}

// A server that does not know the form of answers we ask for is asked for a simpler one from now on.
static bool lower_format(struct llm_endpoint *endpoint, int format, int status)
{
    if ((status != 400 && status != 422) || format == LLM_FORMAT_NONE)
        return false;
    return atomic_compare_exchange_strong(&endpoint->format, &format, format + 1);
}

static enum llm_result ask(const struct asking *asking, struct llm_endpoint *endpoint,
                           struct llm_reply *ret_reply)
{
    struct llm_prompt prompt = {.model = endpoint->model, .wants = asking->usage->wants};
    struct error error = {0};
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, LLM_MAX_REQUEST);
    for (int reasks = 0; reasks <= MAX_REASKS;) {
        int format = atomic_load(&endpoint->format);
        prompt.format = (enum llm_format)format;
        buffer_clear(&body);
        llm_prompt_render(asking->page, &prompt, &body);
        if (body.overflow)
            return LLM_RESULT_REJECTED;
        enum llm_result result = send_patiently(asking, endpoint, buffer_slice(&body), ret_reply);
        if (result == LLM_RESULT_REJECTED && lower_format(endpoint, format, ret_reply->status))
            continue;
        if (result != LLM_RESULT_OK)
            return result;
        if (!llm_answer_read(asking->page->arena, ret_reply->content, prompt.wants, asking->answer,
                             &error))
            return LLM_RESULT_OK;
        prompt.answer = ret_reply->content;
        prompt.complaint = error.detail;
        reasks++;
    }
    return LLM_RESULT_UNREADABLE;
}

static void tell_breaker(struct llm_endpoint *endpoint, enum llm_result result,
                         const struct llm_reply *reply)
{
    if (result == LLM_RESULT_OK) {
        llm_breaker_succeeded(&endpoint->breaker);
        return;
    }
    if (result == LLM_RESULT_CANCELLED || result == LLM_RESULT_NO_BUDGET) {
        llm_breaker_left(&endpoint->breaker);
        return;
    }
    // A key does not become right by trying; a short wait was waited for already.
    uint64_t hold_ms = result == LLM_RESULT_REFUSED                      ? REFUSED_HOLD_MS
                       : reply->retry_after_ms > MIN_RETRY_AFTER_HOLD_MS ? reply->retry_after_ms
                                                                         : 0;
    if (llm_breaker_failed(&endpoint->breaker, clock_monotonic_ms(), hold_ms))
        log_warn("model_paused", log_str("endpoint", endpoint->name),
                 log_str("reason", llm_result_names[result]), log_int("status", reply->status));
}

// The endpoints in their order, until one answers. A fallback is for what another server may do
// better.
static enum llm_result ask_all(const struct asking *asking)
{
    enum llm_result result = LLM_RESULT_PAUSED;
    for (size_t i = 0; i < asking->llm->endpoint_count; i++) {
        struct llm_endpoint *endpoint = &asking->llm->endpoints[i];
        struct llm_reply reply = {0};
        if (!llm_breaker_enter(&endpoint->breaker, clock_monotonic_ms()))
            continue;
        result = ask(asking, endpoint, &reply);
        tell_breaker(endpoint, result, &reply);
        if (result == LLM_RESULT_OK) {
            asking->usage->endpoint = endpoint->name;
            asking->usage->model = endpoint->model;
        }
        if (result == LLM_RESULT_OK || result == LLM_RESULT_CANCELLED ||
            result == LLM_RESULT_NO_BUDGET)
            break;
    }
    return result;
}

static const char *warning_of(enum llm_result result)
{
    static const char *const warnings[LLM_RESULT_COUNT] = {
        [LLM_RESULT_TIMEOUT] = "language model: no answer in time",
        [LLM_RESULT_NETWORK] = "language model: no connection, or it was cut",
        [LLM_RESULT_RATE_LIMITED] = "language model: too many requests",
        [LLM_RESULT_SERVER_ERROR] = "language model: the server failed",
        [LLM_RESULT_REFUSED] = "language model: the key was refused",
        [LLM_RESULT_REJECTED] = "language model: the server did not take the request",
        [LLM_RESULT_TOO_LARGE] = "language model: the answer is too large",
        [LLM_RESULT_BROKEN] = "language model: the answer is no completion",
        [LLM_RESULT_UNREADABLE] = "language model: the answers could not be read",
        [LLM_RESULT_CANCELLED] = "language model: the service is shutting down",
        [LLM_RESULT_NO_BUDGET] = "language model: the tokens of this day are spent",
        [LLM_RESULT_PAUSED] = "language model: it has failed too often and is left alone for now",
        [LLM_RESULT_BUSY] = "language model: too many pages wait for it",
    };
    return warnings[result];
}

static void finish(const struct llm_page *page, enum llm_result result, struct llm_answer *answer,
                   struct llm_usage *usage, struct buffer *out)
{
    bool is_answered = result == LLM_RESULT_OK;
    usage->outcome = llm_result_names[result];
    usage->prompt_version = LLM_PROMPT_VERSION;
    llm_merge(page, is_answered ? answer : NULL, warning_of(result), usage, out);
    metric_inc(metric_series(&pages_total, usage->outcome));
    for (size_t i = 0; i < LLM_VERDICT_COUNT; i++)
        if (usage->verdicts[i])
            metric_add(metric_series(&values_total, llm_verdict_names[i]), usage->verdicts[i]);
}

void llm_fill(struct llm *llm, struct http_client *client, struct slice record_json,
              const struct llm_limits *limits, struct buffer *out)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(PAGE_ARENA_BYTES);
    struct llm_page page;
    if (!llm_page_read(arena, record_json, &page)) {
        buffer_append(out, record_json);
        return;
    }
    struct llm_usage usage = {.wants = llm_wants(&page)};
    struct llm_answer *answer = ARENA_NEW(arena, struct llm_answer);
    const struct asking asking = {.llm = llm,
                                  .client = client,
                                  .page = &page,
                                  .limits = limits,
                                  .usage = &usage,
                                  .answer = answer};
    enum llm_result result = ask_all(&asking);
    settle_cost(llm, &usage);
    finish(&page, result, answer, &usage, out);
}

void llm_decline(const struct llm *llm, struct slice record_json, enum llm_result reason,
                 struct buffer *out)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(PAGE_ARENA_BYTES);
    struct llm_page page;
    if (!llm_page_read(arena, record_json, &page)) {
        buffer_append(out, record_json);
        return;
    }
    struct llm_usage usage = {.wants = llm_wants(&page)};
    settle_cost(llm, &usage);
    finish(&page, reason, NULL, &usage, out);
}
