#include "lib/http/problem.h"

#include "support/http_fixture.h"

#define HOST "Host: a\r\n"

static void expect_document(enum err code, const char *detail, const char *request_id,
                            const struct http_problem_item *items, size_t count, const char *wanted)
{
    struct buffer out;
    buffer_init(&out, 1 << 16);
    http_problem_render(&out, code, detail, request_id, items, count);
    assert_string_equal(out.ptr, wanted);
    buffer_done(&out);
}

static void documents(void **state)
{
    (void)state;
    expect_document(ERR_NOT_FOUND, NULL, NULL, NULL, 0,
                    "{\"type\":\"/problems/not_found\",\"title\":\"Not found\",\"status\":404,"
                    "\"code\":\"not_found\",\"retryable\":false}");
    expect_document(
        ERR_DATABASE_UNAVAILABLE, "a \"b\"", "3f0c9a52-3b0e-4a52-9d38-1b6a0c2f7e11", NULL, 0,
        "{\"type\":\"/problems/database_unavailable\",\"title\":\"The database is not available\","
        "\"status\":503,\"detail\":\"a \\\"b\\\"\",\"code\":\"database_unavailable\","
        "\"instance\":\"urn:uuid:3f0c9a52-3b0e-4a52-9d38-1b6a0c2f7e11\","
        "\"request_id\":\"3f0c9a52-3b0e-4a52-9d38-1b6a0c2f7e11\",\"retryable\":true}");
    const struct http_problem_item items[] = {
        {.parameter = "limit", .code = "out_of_range", .detail = "1 to 100"},
        {.pointer = "/url", .code = "missing"},
        {.header = "If-Match", .code = "invalid"},
        {.parameter = "topic", .code = "unknown", .nearest = "topics"},
    };
    expect_document(
        ERR_INVALID_PARAMETER, NULL, "r:1", items, ARRAY_LEN(items),
        "{\"type\":\"/problems/invalid_parameter\",\"title\":\"Invalid parameter\",\"status\":400,"
        "\"code\":\"invalid_parameter\",\"errors\":["
        "{\"parameter\":\"limit\",\"code\":\"out_of_range\",\"detail\":\"1 to 100\"},"
        "{\"pointer\":\"/"
        "url\",\"code\":\"missing\"},{\"header\":\"If-Match\",\"code\":\"invalid\"},"
        "{\"parameter\":\"topic\",\"code\":\"unknown\",\"nearest\":\"topics\"}],"
        "\"instance\":\"urn:request:r:1\",\"request_id\":\"r:1\",\"retryable\":false}");
}

static void a_quota_that_is_exceeded(void **state)
{
    (void)state;
    const struct http_problem_item items[] = {
        {.header = "RateLimit-Policy", .code = "quota_exceeded", .policy = "scrapes"}};
    expect_document(
        ERR_RATE_LIMITED, NULL, NULL, items, ARRAY_LEN(items),
        "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
        "\"title\":\"Too many requests\",\"status\":429,\"code\":\"rate_limited\",\"errors\":["
        "{\"header\":\"RateLimit-Policy\",\"code\":\"quota_exceeded\"}],"
        "\"violated-policies\":[\"scrapes\"],\"retryable\":true}");
}

// The path names the error; /with… adds headers, /many more items than any answer can hold.
static void problem_handler(void *context, struct http_exchange *exchange)
{
    (void)context;
    struct slice name = slice_sub(exchange->path, 1, SIZE_MAX);
    const struct http_header headers[] = {{SLICE("Allow"), SLICE("GET, HEAD")},
                                          {SLICE("retry-after"), SLICE("77")}};
    if (slice_equal(name, SLICE("many"))) {
        enum { COUNT = 4000 };
        struct http_problem_item *items =
            ARENA_ARRAY(exchange->arena, COUNT, struct http_problem_item);
        for (size_t i = 0; i < COUNT; i++)
            items[i] = (struct http_problem_item){
                .parameter = "a parameter with quite a long name",
                .code = "unknown",
                .detail = "and with an explanation that nobody would read four thousand times"};
        http_respond_problem(exchange, ERR_UNKNOWN_PARAMETER, "many", items, COUNT);
    } else if (slice_starts_with(name, SLICE("with_"))) {
        enum err code = error_from_code(arena_cstr(exchange->arena, slice_sub(name, 5, SIZE_MAX)));
        http_respond_problem_with(exchange, code, NULL, NULL, 0, headers, ARRAY_LEN(headers));
    } else {
        http_respond_problem(exchange, error_from_code(arena_cstr(exchange->arena, name)), "why",
                             NULL, 0);
    }
}

static struct raw_response get(struct http_client_socket *c, const char *path, const char *headers)
{
    char request[512];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HOST "%s\r\n", path, headers);
    client_send(c, request);
    return client_read(c, true);
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *path, *headers;
        int status;
        const char *name, *value; // NULL: must not be there
    } rows[] = {
        {"/not_found", "", 404, "Retry-After", NULL},
        {"/rate_limited", "", 429, "Retry-After", "1"},
        {"/overloaded", "", 503, "Retry-After", "1"},
        {"/with_overloaded", "", 503, "Retry-After", "77"},
        {"/with_method_not_allowed", "", 405, "Allow", "GET, HEAD"},
        {"/unauthorized", "", 401, "WWW-Authenticate", "Bearer realm=\"eventd\""},
        {"/unauthorized", "Authorization: Bearer x\r\n", 401, "WWW-Authenticate",
         "Bearer realm=\"eventd\", error=\"invalid_token\""},
        {"/not_found", "If-None-Match: *\r\n", 404, "ETag", NULL},
        {"/not_found", "", 404, "Cache-Control", "no-store"},
        {"/not_found", "", 404, "Content-Type", "application/problem+json"},
    };
    struct http_fixture *f = fixture_new((struct http_server_options){.handler = problem_handler});
    struct http_client_socket c = client_open(f);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct raw_response r = get(&c, rows[i].path, rows[i].headers);
        assert_int_equal(r.status, rows[i].status);
        const char *value = head_value(r.head, rows[i].name);
        if (rows[i].value)
            assert_string_equal(value, rows[i].value);
        else
            assert_null(value);
        response_free(&r);
    }
    struct raw_response r = get(&c, "/many", "");
    assert_int_equal(r.status, 400);
    assert_non_null(strstr(r.body, "\"detail\":\"many\""));
    assert_int_equal(r.body[r.body_len - 1], '}');
    response_free(&r);
    client_close(&c);
    fixture_stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents),
        cmocka_unit_test(a_quota_that_is_exceeded),
        cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
