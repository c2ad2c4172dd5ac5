#include "lib/http/problem.h"

#include "lib/base/digest.h"
#include "lib/json/json.h"

#include <stdio.h>

enum { PROBLEM_MAX = 256 * 1024 };

static const char quota_exceeded[] =
    "https://iana.org/assignments/http-problem-types#quota-exceeded";

static void render_items(struct json_writer *w, const struct http_problem_item *items, size_t count)
{
    json_key(w, "errors");
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        const struct {
            const char *key, *value;
        } members[] = {
            {"parameter", items[i].parameter}, {"pointer", items[i].pointer},
            {"header", items[i].header},       {"code", items[i].code},
            {"detail", items[i].detail},       {"nearest", items[i].nearest},
        };
        json_begin_object(w);
        for (size_t m = 0; m < ARRAY_LEN(members); m++) {
            if (!members[m].value)
                continue;
            json_key(w, members[m].key);
            json_cstr(w, members[m].value);
        }
        json_end_object(w);
    }
    json_end_array(w);
}

static bool has_policies(const struct http_problem_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].policy)
            return true;
    return false;
}

// draft-ietf-httpapi-ratelimit-headers: which of the policies were violated.
static void render_policies(struct json_writer *w, const struct http_problem_item *items,
                            size_t count)
{
    json_key(w, "violated-policies");
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        if (items[i].policy)
            json_cstr(w, items[i].policy);
    json_end_array(w);
}

// The occurrence is named after the request: a URI, which RFC 9457 section 3.1.5 asks for.
static void render_request(struct json_writer *w, const char *request_id)
{
    char urn[192];
    bool uuid = uuid_is_valid(slice_from_cstr(request_id));
    snprintf(urn, sizeof urn, uuid ? "urn:uuid:%s" : "urn:request:%s", request_id);
    json_key(w, "instance");
    json_cstr(w, urn);
    json_key(w, "request_id");
    json_cstr(w, request_id);
}

void http_problem_render(struct buffer *out, enum err code, const char *detail,
                         const char *request_id, const struct http_problem_item *items,
                         size_t count)
{
    const struct error_info *info = error_info(code);
    const bool is_quota = has_policies(items, count);
    char type[96];
    if (is_quota)
        snprintf(type, sizeof type, "%s", quota_exceeded);
    else
        snprintf(type, sizeof type, "/problems/%s", info->code);
    struct json_writer w = json_writer_on(out);
    json_begin_object(&w);
    json_key(&w, "type");
    json_cstr(&w, type);
    json_key(&w, "title");
    json_cstr(&w, info->title);
    json_key(&w, "status");
    json_int(&w, info->http_status);
    if (detail) {
        json_key(&w, "detail");
        json_cstr(&w, detail);
    }
    json_key(&w, "code");
    json_cstr(&w, info->code);
    if (count)
        render_items(&w, items, count);
    if (is_quota)
        render_policies(&w, items, count);
    if (request_id)
        render_request(&w, request_id);
    json_key(&w, "retryable");
    json_bool(&w, info->retry != ERROR_RETRY_NEVER);
    json_end_object(&w);
}

static void add_header(struct http_response *response, struct slice name, struct slice value)
{
    for (size_t i = 0; i < ARRAY_LEN(response->headers); i++) {
        if (!response->headers[i].name.ptr) {
            response->headers[i] = (struct http_header){name, value};
            return;
        }
        if (slice_equal_nocase(response->headers[i].name, name))
            return; // the caller's own wins
    }
}

// RFC 6750 section 3.1: a request without credentials is not told that they are wrong.
static struct slice challenge(const struct http_exchange *exchange)
{
    return http_header_get(&exchange->headers, "Authorization").ptr
               ? SLICE("Bearer realm=\"eventd\", error=\"invalid_token\"")
               : SLICE("Bearer realm=\"eventd\"");
}

void http_respond_problem_with(struct http_exchange *exchange, enum err code, const char *detail,
                               const struct http_problem_item *items, size_t count,
                               const struct http_header *headers, size_t header_count)
{
    struct http_response response = {
        .status = error_info(code)->http_status,
        .content_type = "application/problem+json",
        .no_etag = true,
        .no_store = true,
    };
    for (size_t i = 0; i < header_count; i++)
        add_header(&response, headers[i].name, headers[i].value);
    if (response.status == 429 || response.status == 503)
        add_header(&response, SLICE("Retry-After"), SLICE("1"));
    if (response.status == 401)
        add_header(&response, SLICE("WWW-Authenticate"), challenge(exchange));

    struct buffer body;
    buffer_init(&body, PROBLEM_MAX);
    http_problem_render(&body, code, detail, exchange->request_id.ptr, items, count);
    if (body.overflow) { // better without its list than cut off
        buffer_clear(&body);
        http_problem_render(&body, code, detail, exchange->request_id.ptr, NULL, 0);
    }
    response.body = buffer_slice(&body);
    http_respond(exchange, &response);
    buffer_done(&body);
}

void http_respond_problem(struct http_exchange *exchange, enum err code, const char *detail,
                          const struct http_problem_item *items, size_t count)
{
    http_respond_problem_with(exchange, code, detail, items, count, NULL, 0);
}
