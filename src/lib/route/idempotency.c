// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the first request with a key does the work, those that
// repeat it get its answer, or the word that it was too large to keep. Failures of ours and refusals for now (429, 5xx,
// conflicts) are not kept: the same key may try again.
#include "lib/base/ensure.h"
#include "lib/route/router.h"
#include "statements.gen.h"

#include <string.h>

enum { MAX_KEY_BYTES = 255, MAX_KEPT_BYTES = 64 * 1024 };

struct repetition {
    struct route_call *call;
    struct slice principal, request, key;
    char fingerprint[DIGEST_SHA256_HEX];
    route_handler *handler;
    struct http_response answer; // of the handler
};

// Only now: whoever repeats the request once it was answered must find the answer. (One that could not be kept is given
// all the same; its key is free again after two minutes.)
static void on_kept(void *data, const struct db_rows *rows, const struct error *error)
{
    struct repetition *repetition = data;
    (void)rows, (void)error;
    http_respond(repetition->call->exchange, &repetition->answer);
}

// The answer outlives its handler.
static void copy_answer(struct repetition *repetition, const struct http_response *response)
{
    struct arena *arena = repetition->call->arena;
    repetition->answer = *response;
    repetition->answer.body = arena_slice(arena, response->body);
    for (size_t i = 0; i < ARRAY_LEN(response->headers); i++) {
        repetition->answer.headers[i].name = arena_slice(arena, response->headers[i].name);
        repetition->answer.headers[i].value = arena_slice(arena, response->headers[i].value);
    }
}

static struct slice location_of(const struct http_response *response)
{
    for (size_t i = 0; i < ARRAY_LEN(response->headers); i++)
        if (response->headers[i].name.ptr &&
            slice_equal_nocase(response->headers[i].name, SLICE("Location")))
            return response->headers[i].value;
    return (struct slice){0};
}

static bool is_final(int status)
{
    return status < 500 && status != 429 && status != 409 && status != 408;
}

// Called when the handler answers: what it says is the answer from now on.
static void keep(void *data, struct http_exchange *exchange, const struct http_response *response)
{
    struct repetition *repetition = data;
    struct db_pipeline *db = repetition->call->db;
    copy_answer(repetition, response);
    if (!is_final(response->status)) {
        const struct db_value forget[] = {db_text(repetition->principal),
                                          db_text(repetition->request), db_text(repetition->key)};
        db_pipeline_query(db, &sql_accounts_forget_answer, forget, on_kept, repetition);
        return;
    }
    struct slice body = response->body;
    if (repetition->call->kept_body.ptr)
        body = repetition->call->kept_body;
    else if (body.len > MAX_KEPT_BYTES)
        body = SLICE("{\"done\":true,\"detail\":\"the answer was too large to keep\"}");
    const struct db_value values[] = {
        db_text(repetition->principal),
        db_text(repetition->request),
        db_text(repetition->key),
        db_int(exchange->arena, response->status),
        db_cstr(response->content_type),
        db_text(location_of(response)),
        db_text(body),
    };
    db_pipeline_query(db, &sql_accounts_keep_answer, values, on_kept, repetition);
}

static void replay(struct repetition *repetition, const struct db_rows *rows)
{
    struct route_call *call = repetition->call;
    struct slice type = db_rows_text(rows, 0, db_rows_column(rows, "content_type"));
    struct slice location = db_rows_text(rows, 0, db_rows_column(rows, "location"));
    struct http_response response = {
        .status = (int)db_rows_int(rows, 0, db_rows_column(rows, "status")),
        .content_type = type.ptr ? arena_cstr(call->arena, type) : NULL,
        .body = db_rows_text(rows, 0, db_rows_column(rows, "body")),
        .headers = {{SLICE("Idempotent-Replayed"), SLICE("true")}},
    };
    if (location.ptr)
        response.headers[1] = (struct http_header){SLICE("Location"), location};
    http_respond(call->exchange, &response);
}

// What was kept is not dropped for newer ones: within the day a repetition must not do the work again.
static void answer_full(struct route_call *call, int64_t wait_s)
{
    const struct quota_policy policy = {
        "idempotency-keys", call->router->options.idempotency_keys_per_day, 24 * 60 * 60};
    const struct quota_state state = {.reset_s = wait_s > 0 ? (int)wait_s : 1};
    access_answer_too_many(call->exchange, &policy, &state);
}

static void on_claimed(void *data, const struct db_rows *rows, const struct error *error)
{
    struct repetition *repetition = data;
    struct route_call *call = repetition->call;
    if (error) {
        route_answer_error(call, error);
    } else if (!db_rows_is_null(rows, 0, db_rows_column(rows, "wait_s"))) {
        answer_full(call, db_rows_int(rows, 0, db_rows_column(rows, "wait_s")));
    } else if (db_rows_bool(rows, 0, db_rows_column(rows, "is_mine"))) {
        call->exchange->on_answer = keep;
        call->exchange->on_answer_data = repetition;
        repetition->handler(call);
    } else if (!slice_equal(db_rows_text(rows, 0, db_rows_column(rows, "fingerprint")),
                            slice_from_cstr(repetition->fingerprint))) {
        http_respond_problem(call->exchange, ERR_IDEMPOTENCY_MISMATCH,
                             "the key came with another body before", NULL, 0);
    } else if (db_rows_is_null(rows, 0, db_rows_column(rows, "status"))) {
        http_respond_problem(call->exchange, ERR_IDEMPOTENCY_RUNNING,
                             "ask again in a moment, with the same key", NULL, 0);
    } else {
        replay(repetition, rows);
    }
}

// A structured string ("…") or a bare token; absent when it is neither.
static struct slice key_of(struct slice header)
{
    struct slice key = slice_trim(header);
    if (key.len >= 2 && key.ptr[0] == '"' && key.ptr[key.len - 1] == '"')
        key = slice_sub(key, 1, key.len - 2);
    bool sane = key.len > 0 && key.len <= MAX_KEY_BYTES;
    for (size_t i = 0; i < key.len && sane; i++)
        sane = key.ptr[i] > ' ' && key.ptr[i] < 0x7f;
    return sane ? key : (struct slice){0};
}

void idempotency_run(struct route_call *call, const char *subject, route_handler *handler)
{
    struct slice header = http_header_get(&call->exchange->headers, "idempotency-key");
    if (!header.ptr || !call->db || call->route->scope == ROUTE_OPEN) {
        handler(call);
        return;
    }
    struct repetition *repetition = ARENA_NEW(call->arena, struct repetition);
    *repetition = (struct repetition){
        .call = call,
        .principal = arena_slice(call->arena, slice_from_cstr(subject)),
        .request = slice_from_cstr(
            arena_printf(call->arena, "POST %.*s", SLICE_FMT(call->exchange->target))),
        .key = key_of(header),
        .handler = handler,
    };
    if (!repetition->key.ptr) {
        const struct http_problem_item items[] = {
            {.header = "Idempotency-Key",
             .code = "invalid",
             .detail = "1 to 255 visible characters, perhaps in quotes"}};
        http_respond_problem(call->exchange, ERR_BAD_REQUEST, items[0].detail, items,
                             ARRAY_LEN(items));
        return;
    }
    digest_sha256_hex(call->exchange->body, repetition->fingerprint);
    const struct db_value values[] = {
        db_text(repetition->principal), db_text(repetition->request), db_text(repetition->key),
        db_cstr(repetition->fingerprint),
        db_int(call->arena, call->router->options.idempotency_keys_per_day)};
    route_query(call, &sql_accounts_claim_idempotency_key, values, on_claimed, repetition);
}
