// POST /internal/process: an event is to be processed, with a page that somebody fetched or with the stored one.
#include "lib/base/digest.h"
#include "lib/base/limits.h"
#include "lib/text/unicode.h"
#include "processor/queries/queries.h"
#include "statements.gen.h"

// The id has become another name of an event: nothing was queued.
static void answer_merged(struct route_call *call, const char *survivor)
{
    const struct http_response response = {
        .status = 308,
        .content_type = "application/problem+json",
        .body = slice_from_cstr(
            arena_printf(call->arena,
                         "{\"type\":\"/problems/"
                         "merged\",\"title\":\"Merged\",\"status\":308,\"code\":\"merged\","
                         "\"merged_into\":\"%s\"}",
                         survivor)),
        .headers = {{SLICE("Location"),
                     slice_from_cstr(arena_printf(call->arena, "/api/events/%s", survivor))}}};
    http_respond(call->exchange, &response);
}

static void on_requested(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error) {
        route_answer_error(call, error);
        return;
    }
    if (db_rows_count(rows) == 0) {
        http_respond_problem(call->exchange, ERR_NOT_FOUND, "no event has this id", NULL, 0);
        return;
    }
    int merged = db_rows_column(rows, "merged_into");
    if (!db_rows_is_null(rows, 0, merged)) {
        answer_merged(call,
                      arena_cstr(call->arena, db_rows_value_text(rows, 0, merged, call->arena)));
        return;
    }
    if (!db_rows_bool(rows, 0, db_rows_column(rows, "has_page"))) {
        route_answer_invalid(call, ERR_MISSING_FIELD, "/html",
                             "the event has no stored page: send one");
        return;
    }
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 4096);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "event_id");
    db_rows_render_value(rows, 0, db_rows_column(rows, "event_id"), &w);
    json_key(&w, "status");
    json_cstr(&w, "queued_for_processing");
    json_key(&w, "job_id");
    db_rows_render_value(rows, 0, db_rows_column(rows, "job_id"), &w);
    json_end_object(&w);
    struct slice job = db_rows_value_text(rows, 0, db_rows_column(rows, "job_id"), call->arena);
    const struct http_response response = {
        .status = 202,
        .content_type = "application/json",
        .body = buffer_slice(&body),
        .headers = {{SLICE("Location"),
                     slice_from_cstr(arena_printf(call->arena, "/api/jobs/%.*s", SLICE_FMT(job)))}},
    };
    http_respond(call->exchange, &response);
}

static void post_process(struct route_call *call)
{
    const struct route_value *html = route_value_get(call, "html");
    struct slice page = html->given ? unicode_repair(call->arena, html->text) : (struct slice){0};
    char hash[DIGEST_SHA256_HEX] = "";
    if (page.len > PAGE_MAX_BYTES) {
        route_answer_invalid(call, ERR_PAGE_TOO_LARGE, "/html", "the page is larger than 12 MiB");
        return;
    }
    if (html->given)
        digest_sha256_hex(page, hash);
    const struct db_value values[] = {
        db_text(route_value_get(call, "event_id")->text),
        db_text(page),
        html->given ? db_cstr(arena_strdup(call->arena, hash)) : db_null(),
        db_text(call->exchange->request_id),
        route_asking_user(call),
    };
    route_query(call, &sql_events_request_process, values, on_requested, call);
}

static const struct route_param process_params[] = {
    {"event_id", ROUTE_IN_BODY, ROUTE_UUID, .required = true, .doc = "Event the page belongs to."},
    {"html", ROUTE_IN_BODY, ROUTE_TEXT, .max = PAGE_MAX_BYTES,
     .doc = "The page; left out: the stored one."},
    {"url", ROUTE_IN_BODY, ROUTE_TEXT, .max = 4096,
     .doc = "Where the page came from; for the record only."},
};

const struct route process_routes[] = {
    {HTTP_METHOD_POST, "/internal/process", ROUTE_INTERNAL, "processing",
     "Process an event's page.", .params = {ROUTE_PARAMS(process_params)}, .handler = post_process,
     .status = 202, .response = "ProcessAccepted", .max_body_bytes = PAGE_MAX_REQUEST_BYTES,
     .body_example = "{\"event_id\":\"00000000-0000-4000-8000-000000000000\"}"},
};
const size_t process_route_count = ARRAY_LEN(process_routes);
