// The stages load and extract: the stored page, and what the extraction service reads in it.
#include "lib/base/digest.h"
#include "lib/text/unicode.h"
#include "processor/processing/pipeline.h"
#include "statements.gen.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_RECORD_BYTES = 16 * 1024 * 1024,
    CONNECT_TIMEOUT_MS = 2000,
    EXTRACT_TIMEOUT_MS = 60 * 1000,
};

enum err stage_load(struct pipeline *pipeline, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_cstr(pipeline->job->event_id)};
    enum err err =
        db_session_query(pipeline->session, &sql_events_load_page, values, &rows, ret_error);
    if (err)
        return err;
    if (db_rows_count(rows) == 0)
        return error_set(ret_error, ERR_NOT_FOUND, "the event is gone");
    if (!db_rows_is_null(rows, 0, db_rows_column(rows, "merged_into")))
        return pipeline_complete_merged(pipeline, ret_error);
    struct slice html = db_rows_text(rows, 0, db_rows_column(rows, "raw_html"));
    if (!html.ptr)
        return error_set(ret_error, ERR_NOT_FOUND, "the event has no page");
    pipeline->html = arena_slice(pipeline->arena, html);
    pipeline->page_hash =
        arena_slice(pipeline->arena, db_rows_text(rows, 0, db_rows_column(rows, "content_hash")));
    pipeline->url =
        arena_slice(pipeline->arena, db_rows_text(rows, 0, db_rows_column(rows, "luma_url")));
    return ERR_OK;
}

static struct slice render_request(const struct pipeline *pipeline)
{
    struct buffer body;
    buffer_init(&body, 64 * 1024 * 1024);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "html");
    json_text(&w, pipeline->html);
    json_key(&w, "url");
    json_text(&w, pipeline->url);
    json_end_object(&w);
    struct slice copy = arena_slice(pipeline->arena, buffer_slice(&body));
    buffer_done(&body);
    return copy;
}

// A page that is not one event: what it lists is kept for those who asked, then the job fails for good.
static enum err refuse_other_kind(struct pipeline *pipeline, const char *kind,
                                  struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(pipeline->job->event_id),
                                      db_text(pipeline->record_json)};
    enum err err =
        db_session_query(pipeline->session, &sql_events_store_other_page, values, NULL, ret_error);
    if (err)
        return err;
    size_t listed = yyjson_arr_size(json_get(pipeline->record, "event.listed_events"));
    if (listed == 0)
        listed = yyjson_arr_size(json_get(pipeline->record, "listed_events"));
    return error_set(ret_error, ERR_NOT_AN_EVENT, "the page is of kind %s and lists %zu events",
                     kind, listed);
}

// jsonb takes no U+0000, however it is written: the escape becomes that of U+FFFD. A backslash that is itself escaped
// begins none.
static struct slice without_nul(struct arena *arena, struct slice json)
{
    if (slice_find(json, SLICE("\\u0000")) == SIZE_MAX)
        return json;
    char *copy = arena_cstr(arena, json);
    for (size_t i = 0; i + 1 < json.len; i++)
        if (copy[i] == '\\') {
            if (json.len - i >= 6 && memcmp(copy + i, "\\u0000", 6) == 0)
                memcpy(copy + i, "\\ufffd", 6);
            i++;
        }
    return (struct slice){copy, json.len};
}

// The W3C's trace context for what this request causes elsewhere. Our ids are 32 hexadecimal digits (a trace's id, or a
// UUID with its dashes); for others, which a client made up, there is none.
static struct slice traceparent_of(struct arena *arena, const char *request_id)
{
    char trace[33];
    size_t len = 0;
    for (const char *c = request_id; *c; c++) {
        bool is_hex = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'f');
        if (*c == '-')
            continue;
        if (!is_hex || len == sizeof trace - 1)
            return (struct slice){0};
        trace[len++] = *c;
    }
    if (len != sizeof trace - 1)
        return (struct slice){0};
    trace[len] = '\0';
    uint64_t span;
    random_bytes(&span, sizeof span);
    return slice_from_cstr(
        arena_printf(arena, "00-%s-%016llx-01", trace, (unsigned long long)(span | 1)));
}

enum err stage_extract(struct pipeline *pipeline, struct error *ret_error)
{
    char url[512];
    snprintf(url, sizeof url, "%s/extract", pipeline->extractor_url);
    const char *request_id = pipeline->job->request_id;
    struct http_header headers[3] = {{SLICE("Content-Type"), SLICE("application/json")}};
    size_t header_count = 1;
    if (request_id)
        headers[header_count++] =
            (struct http_header){SLICE("X-Request-Id"), slice_from_cstr(request_id)};
    struct slice trace =
        request_id ? traceparent_of(pipeline->arena, request_id) : (struct slice){0};
    if (trace.ptr)
        headers[header_count++] = (struct http_header){SLICE("traceparent"), trace};
    const struct http_client_request request = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .header_count = header_count,
        .body = render_request(pipeline),
        .max_body_bytes = MAX_RECORD_BYTES,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .total_timeout_ms = EXTRACT_TIMEOUT_MS,
    };
    struct http_client_response response;
    struct error reason = {0};
    if (http_client_send(pipeline->client, &request, pipeline->arena, &response, &reason))
        return error_set(ret_error, ERR_EXTRACTOR_FAILED, "no answer: %s", reason.detail);
    if (response.status == 400 || response.status == 413 || response.status == 422)
        return error_set(ret_error, ERR_PARSE_ERROR,
                         "the extraction service could not read the page");
    if (response.status != 200)
        return error_set(ret_error, ERR_EXTRACTOR_FAILED, "the extraction service answered %d",
                         response.status);
    // Whatever service speaks the contract may answer: PostgreSQL takes no U+0000 and no broken UTF-8.
    pipeline->record_json =
        without_nul(pipeline->arena, unicode_repair(pipeline->arena, response.body));
    if (json_parse(pipeline->arena, pipeline->record_json, &pipeline->record, &reason))
        return error_set(ret_error, ERR_EXTRACTOR_FAILED, "the answer is not JSON: %s",
                         reason.detail);
    const char *kind = arena_cstr(pipeline->arena, json_get_text(pipeline->record, "kind"));
    if (!slice_equal(slice_from_cstr(kind), SLICE("event")))
        return refuse_other_kind(pipeline, kind, ret_error);
    return ERR_OK;
}
