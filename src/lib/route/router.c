#include "lib/route/router.h"
#include "lib/text/nearest.h"

#include "lib/base/ensure.h"
#include "lib/db/observe.h"

#include <stdlib.h>
#include <string.h>

enum { ROUTER_ARENA_BYTES = 4 * 1024 * 1024, DEFAULT_BODY_BYTES = 1024 * 1024 };

// ------------------------------------------------------------------------------------------------ building

static size_t split_path(struct slice path, struct slice *ret_segments)
{
    struct slice rest = path, part;
    size_t count = 0;
    while (slice_split_next(&rest, '/', &part)) {
        if (part.len == 0)
            continue;
        if (count == ROUTE_MAX_SEGMENTS)
            return SIZE_MAX;
        ret_segments[count++] = part;
    }
    return count;
}

static void add_param(struct compiled_route *compiled, const struct route_param *param,
                      bool in_filter)
{
    enum route_in in = in_filter ? ROUTE_IN_FILTER : param->in;
    ensure(compiled->param_count < ROUTE_MAX_PARAMS);
    if (param->type == ROUTE_CURSOR)
        compiled->cursor = (int)compiled->param_count;
    compiled->in[compiled->param_count] = in;
    compiled->params[compiled->param_count++] = param;
    if (in == ROUTE_IN_QUERY)
        compiled->query_names[compiled->query_count++] = param->name;
    if (in == ROUTE_IN_BODY)
        compiled->body_names[compiled->body_count++] = param->name;
}

// A statement parameter nobody binds would be NULL for ever without a word: refuse to start instead.
static void check_statement(const struct compiled_route *compiled)
{
    const struct db_statement *statement = compiled->route->statement;
    for (size_t i = 0; statement && i < statement->param_count; i++) {
        const struct db_param *param = &statement->params[i];
        bool bound = strncmp(param->name, "cursor_", 7) == 0
                         ? compiled->cursor >= 0
                         : strcmp(param->name, "count_exact") == 0;
        for (size_t k = 0; k < compiled->param_count && !bound; k++) {
            size_t len = strlen(compiled->params[k]->name);
            bool flag = strcmp(param->type, "flag") == 0;
            bound = strncmp(param->name, compiled->params[k]->name, len) == 0 &&
                    param->name[len] == (flag ? '_' : '\0');
        }
        ensure(bound || compiled->route->complete || compiled->route->shape == ROUTE_HANDLER);
    }
}

static void compile(struct router *router, const struct route *route)
{
    struct compiled_route *compiled = &router->routes[router->count++];
    compiled->route = route;
    compiled->cursor = -1;
    compiled->segment_count = split_path(slice_from_cstr(route->path), compiled->segments);
    ensure(compiled->segment_count <= ROUTE_MAX_SEGMENTS);
    for (size_t s = 0; s < ROUTE_MAX_PARAM_SETS; s++)
        for (size_t i = 0; i < route->params[s].count; i++)
            add_param(compiled, &route->params[s].items[i], route->params[s].in_filter);
    ensure((route->shape == ROUTE_HANDLER) == (route->handler != NULL));
    ensure(route->statement || route->handler);
    check_statement(compiled);
}

struct router *router_new(const struct router_options *options)
{
    struct router *router = calloc(1, sizeof *router);
    size_t total = 0;
    ensure(router != NULL);
    router->options = *options;
    router->arena = arena_new(ROUTER_ARENA_BYTES);
    for (size_t t = 0; options->tables[t]; t++)
        total += options->table_sizes[t];
    router->routes = ARENA_ARRAY(router->arena, total, struct compiled_route);
    for (size_t t = 0; options->tables[t]; t++)
        for (size_t i = 0; i < options->table_sizes[t]; i++)
            compile(router, &options->tables[t][i]);
    return router;
}

void router_free(struct router *router)
{
    if (!router)
        return;
    arena_free(router->arena);
    free(router);
}

// ------------------------------------------------------------------------------------------------ finding

static bool path_matches(const struct compiled_route *compiled, const struct slice *segments,
                         size_t count)
{
    if (compiled->segment_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (compiled->segments[i].ptr[0] != ':' && !slice_equal(compiled->segments[i], segments[i]))
            return false;
    return true;
}

static size_t literal_segments(const struct compiled_route *compiled)
{
    size_t n = 0;
    for (size_t i = 0; i < compiled->segment_count; i++)
        n += compiled->segments[i].ptr[0] != ':';
    return n;
}

// The route of a method and path; of several (/events/search, /events/:id) the one with most literal segments.
// ret_methods collects which methods the path has: bit of enum http_method.
static const struct compiled_route *find(const struct router *router, enum http_method method,
                                         const struct slice *segments, size_t count,
                                         unsigned *ret_methods)
{
    const struct compiled_route *best = NULL;
    size_t most = 0;
    *ret_methods = 0;
    for (size_t i = 0; i < router->count; i++)
        if (path_matches(&router->routes[i], segments, count) &&
            literal_segments(&router->routes[i]) > most)
            most = literal_segments(&router->routes[i]);
    for (size_t i = 0; i < router->count; i++) {
        const struct compiled_route *compiled = &router->routes[i];
        if (!path_matches(compiled, segments, count) || literal_segments(compiled) != most)
            continue;
        *ret_methods |= 1u << compiled->route->method;
        if (compiled->route->method == method)
            best = compiled;
    }
    return best;
}

const struct compiled_route *router_compiled(const struct route_call *call)
{
    if (call->compiled)
        return call->compiled;
    for (size_t i = 0; i < call->router->count; i++)
        if (call->router->routes[i].route == call->route)
            return &call->router->routes[i];
    ensure(!"a route of this router");
    return NULL;
}

static enum http_method effective(enum http_method method)
{
    return method == HTTP_METHOD_HEAD ? HTTP_METHOD_GET : method;
}

size_t router_body_limit(void *data, enum http_method method, struct slice path)
{
    const struct router *router = data;
    struct slice segments[ROUTE_MAX_SEGMENTS];
    unsigned methods;
    size_t count = split_path(path, segments);
    const struct compiled_route *found =
        count <= ROUTE_MAX_SEGMENTS ? find(router, effective(method), segments, count, &methods)
                                    : NULL;
    return found && found->route->max_body_bytes ? found->route->max_body_bytes
                                                 : DEFAULT_BODY_BYTES;
}

// ----------------------------------------------------------------------------------------------- answering

static struct slice allow_header(struct arena *arena, unsigned methods)
{
    struct buffer text;
    buffer_init(&text, 256);
    for (unsigned m = 0; m < HTTP_METHOD_OTHER; m++)
        if (methods & (1u << m) || (m == HTTP_METHOD_HEAD && methods & (1u << HTTP_METHOD_GET)))
            buffer_printf(&text, "%s%s", text.len ? ", " : "",
                          http_method_name((enum http_method)m));
    buffer_printf(&text, "%sOPTIONS", text.len ? ", " : "");
    struct slice copy = arena_slice(arena, buffer_slice(&text));
    buffer_done(&text);
    return copy;
}

static void answer_options(struct http_exchange *exchange, struct slice allow)
{
    const struct http_response response = {
        .status = 204,
        .headers = {{SLICE("Allow"), allow},
                    {SLICE("Access-Control-Allow-Methods"), allow},
                    {SLICE("Access-Control-Allow-Headers"),
                     SLICE("Authorization, Content-Type, If-None-Match, Idempotency-Key, Prefer, "
                           "X-Request-Id")},
                    {SLICE("Access-Control-Max-Age"), SLICE("86400")}},
    };
    http_respond(exchange, &response);
}

static void answer_wrong_method(struct http_exchange *exchange, struct slice allow)
{
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 8192);
    http_problem_render(&body, ERR_METHOD_NOT_ALLOWED, "this address does not take that method",
                        exchange->request_id.ptr, NULL, 0);
    const struct http_response response = {.status = 405,
                                           .content_type = "application/problem+json",
                                           .body = buffer_slice(&body),
                                           .headers = {{SLICE("Allow"), allow}}};
    http_respond(exchange, &response);
}

static void answer_not_found(struct router *router, struct http_exchange *exchange)
{
    const char *paths[256];
    size_t count = 0;
    for (size_t i = 0; i < router->count && count < ARRAY_LEN(paths); i++)
        paths[count++] = router->routes[i].route->path;
    const char *nearest = text_nearest(exchange->path, paths, count);
    const char *detail =
        nearest
            ? arena_printf(exchange->arena, "there is no such address; the nearest is %s", nearest)
            : "there is no such address; /openapi.json lists them";
    http_respond_problem(exchange, ERR_NOT_FOUND, detail, NULL, 0);
}

static void run_statement(struct route_call *call)
{
    route_run_statement(call);
}

static void run(struct admission *admission)
{
    struct router *router = admission->router;
    struct http_exchange *exchange = admission->exchange;
    struct route_faults faults = {0};
    struct route_call *call = ARENA_NEW(exchange->arena, struct route_call);
    *call = (struct route_call){
        .exchange = exchange,
        .arena = exchange->arena,
        .route = admission->compiled->route,
        .compiled = admission->compiled,
        .total = -1,
        .router = router,
        .db = router->options.db,
        .service = router->options.service,
        .account = admission->account,
        .accounts = router->options.accounts,
        .subject = admission->subject,
    };
    route_handler *handler = call->route->handler ? call->route->handler : run_statement;
    if (!route_decode(call, call->compiled, admission->segments, &faults))
        http_respond_problem(exchange, faults.code, faults.items[0].detail, faults.items,
                             faults.count);
    else if (call->route->method == HTTP_METHOD_POST)
        idempotency_run(call, admission->subject, handler);
    else
        handler(call);
}

// Who asks for what is not there has a limit like everybody.
static void answer_nowhere(struct admission *admission)
{
    struct http_exchange *exchange = admission->exchange;
    if (admission->methods)
        answer_wrong_method(exchange, allow_header(exchange->arena, admission->methods));
    else
        answer_not_found(admission->router, exchange);
}

void router_handle(void *data, struct http_exchange *exchange)
{
    struct router *router = data;
    struct slice segments[ROUTE_MAX_SEGMENTS];
    unsigned methods = 0;
    size_t count = split_path(exchange->path, segments);
    const struct compiled_route *found =
        count <= ROUTE_MAX_SEGMENTS
            ? find(router, effective(exchange->method), segments, count, &methods)
            : NULL;
    if (!found && methods && exchange->method == HTTP_METHOD_OPTIONS) {
        answer_options(exchange, allow_header(exchange->arena, methods));
        return;
    }
    exchange->route = found ? found->route->path : NULL;
    struct admission *admission = ARENA_NEW(exchange->arena, struct admission);
    *admission = (struct admission){.router = router,
                                    .compiled = found,
                                    .methods = methods,
                                    .exchange = exchange,
                                    .admitted = found ? run : answer_nowhere};
    memcpy(admission->segments, segments, sizeof segments);
    db_set_request(exchange->request_id.ptr); // until this returns: then it is others' turn
    access_admit(admission);
    db_set_request(NULL);
}
