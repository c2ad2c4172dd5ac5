// The OpenAPI 3.1 document, made from the same tables that dispatch requests: what it says is what happens.
#include "lib/base/ensure.h"
#include "lib/route/router.h"

#include <stdio.h>
#include <string.h>

static const char problem_schema[] =
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\"],\"properties\":{"
    "\"type\":{\"type\":\"string\",\"format\":\"uri-reference\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":"
    "\"string\"},"
    "\"code\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"},\"retryable\":{\"type\":"
    "\"boolean\"},"
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
    "\"parameter\":{\"type\":\"string\"},\"pointer\":{\"type\":\"string\"},\"header\":{\"type\":"
    "\"string\"},"
    "\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},\"nearest\":{\"type\":"
    "\"string\"}}}}}}";

static const struct {
    const char *type, *format;
} type_schemas[] = {
    [ROUTE_TEXT] = {"string", NULL},           [ROUTE_INT] = {"integer", NULL},
    [ROUTE_BOOL] = {"boolean", NULL},          [ROUTE_DATE] = {"string", "date"},
    [ROUTE_INSTANT] = {"string", "date-time"}, [ROUTE_UUID] = {"string", "uuid"},
    [ROUTE_ENUM] = {"string", NULL},           [ROUTE_TEXT_LIST] = {"string", NULL},
    [ROUTE_UUID_LIST] = {"string", "uuid"},    [ROUTE_CURSOR] = {"string", NULL},
    [ROUTE_NUMBER] = {"number", NULL},         [ROUTE_NAME] = {"string", NULL},
    [ROUTE_POINT] = {"number", NULL},          [ROUTE_BOX] = {"number", NULL},
    [ROUTE_ENUM_LIST] = {"string", NULL},      [ROUTE_NAME_LIST] = {"string", NULL},
};

// Written in JSON without quotes.
static bool is_bare(enum route_type type)
{
    return type == ROUTE_INT || type == ROUTE_NUMBER || type == ROUTE_BOOL;
}

static void write_type(struct json_writer *w, const struct route_param *param)
{
    json_key(w, "type");
    json_cstr(w, type_schemas[param->type].type);
    if (type_schemas[param->type].format) {
        json_key(w, "format");
        json_cstr(w, type_schemas[param->type].format);
    }
    if (param->type == ROUTE_INT || param->type == ROUTE_NUMBER) {
        json_key(w, "minimum");
        json_int(w, param->min);
        json_key(w, "maximum");
        json_int(w, param->max);
    }
    if (param->values) {
        json_key(w, "enum");
        json_begin_array(w);
        for (size_t i = 0; param->values[i]; i++)
            json_cstr(w, param->values[i]);
        json_end_array(w);
    }
}

// Members that stand in one text with commas between them; 0: it is a single value.
static size_t most_members(const struct route_param *param)
{
    return param->type == ROUTE_POINT        ? 2
           : param->type == ROUTE_BOX        ? 4
           : route_type_is_list(param->type) ? route_list_max(param)
                                             : 0;
}

static void write_schema(struct json_writer *w, const struct route_param *param)
{
    bool exact = param->type == ROUTE_POINT || param->type == ROUTE_BOX;
    json_begin_object(w);
    if (most_members(param)) {
        json_key(w, "type");
        json_cstr(w, "array");
        if (exact) {
            json_key(w, "minItems");
            json_int(w, (int64_t)most_members(param));
        }
        json_key(w, "maxItems");
        json_int(w, (int64_t)most_members(param));
        json_key(w, "items");
        json_begin_object(w);
        write_type(w, param);
        json_end_object(w);
    } else {
        write_type(w, param);
    }
    if (param->fallback) {
        json_key(w, "default");
        if (is_bare(param->type))
            json_raw(w, slice_from_cstr(param->fallback));
        else
            json_cstr(w, param->fallback);
    }
    json_end_object(w);
}

static void write_param(struct json_writer *w, const struct route_param *param)
{
    json_begin_object(w);
    json_key(w, "name");
    json_cstr(w, param->name);
    json_key(w, "in");
    json_cstr(w, param->in == ROUTE_IN_PATH ? "path" : "query");
    json_key(w, "required");
    json_bool(w, param->in == ROUTE_IN_PATH || param->required);
    json_key(w, "description");
    json_cstr(w, param->doc);
    if (most_members(param)) {
        json_key(w, "style");
        json_cstr(w, "form");
        json_key(w, "explode");
        json_bool(w, false);
    }
    json_key(w, "schema");
    write_schema(w, param);
    if (param->example) {
        json_key(w, "example");
        if (is_bare(param->type))
            json_raw(w, slice_from_cstr(param->example));
        else
            json_cstr(w, param->example);
    }
    json_end_object(w);
}

static void write_body(struct json_writer *w, const struct compiled_route *compiled)
{
    json_key(w, "requestBody");
    json_begin_object(w);
    json_key(w, "required");
    json_bool(w, true);
    json_key(w, "content");
    json_begin_object(w);
    json_key(w, "application/json");
    json_begin_object(w);
    json_key(w, "schema");
    json_begin_object(w);
    json_key(w, "type");
    json_cstr(w, "object");
    json_key(w, "additionalProperties");
    json_bool(w, false);
    json_key(w, "required");
    json_begin_array(w);
    for (size_t i = 0; i < compiled->param_count; i++)
        if (compiled->params[i]->in == ROUTE_IN_BODY && compiled->params[i]->required)
            json_cstr(w, compiled->params[i]->name);
    json_end_array(w);
    json_key(w, "properties");
    json_begin_object(w);
    for (size_t i = 0; i < compiled->param_count; i++)
        if (compiled->params[i]->in == ROUTE_IN_BODY) {
            json_key(w, compiled->params[i]->name);
            write_schema(w, compiled->params[i]);
        }
    json_end_object(w);
    json_end_object(w);
    if (compiled->route->body_example) {
        json_key(w, "example");
        json_raw(w, slice_from_cstr(compiled->route->body_example));
    }
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
}

static void write_response(struct json_writer *w, const char *status, const char *description,
                           const char *content_type, const char *schema)
{
    char reference[128];
    json_key(w, status);
    json_begin_object(w);
    json_key(w, "description");
    json_cstr(w, description);
    json_key(w, "content");
    json_begin_object(w);
    json_key(w, content_type);
    json_begin_object(w);
    json_key(w, "schema");
    json_begin_object(w);
    if (schema) {
        snprintf(reference, sizeof reference, "#/components/schemas/%s", schema);
        json_key(w, "$ref");
        json_cstr(w, reference);
    }
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
}

// get /api/events/:id/similar → get_api_events_id_similar
static void write_operation_id(struct json_writer *w, const struct route *route)
{
    char id[256];
    size_t len = 0;
    const char *parts[] = {http_method_name(route->method), route->path};
    for (size_t p = 0; p < ARRAY_LEN(parts); p++)
        for (const char *c = parts[p]; *c && len + 1 < sizeof id; c++) {
            bool letter =
                (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
            if (letter)
                id[len++] = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
            else if (len && id[len - 1] != '_')
                id[len++] = '_';
        }
    id[len] = '\0';
    json_key(w, "operationId");
    json_cstr(w, id);
}

static void write_operation(struct json_writer *w, const struct compiled_route *compiled)
{
    const struct route *route = compiled->route;
    char method[16] = "", status[8];
    for (const char *name = http_method_name(route->method), *c = name; *c && c - name < 15; c++)
        method[c - name] = (char)(*c - 'A' + 'a');
    json_key(w, method);
    json_begin_object(w);
    write_operation_id(w, route);
    json_key(w, "tags");
    json_begin_array(w);
    json_cstr(w, route->tag);
    json_end_array(w);
    json_key(w, "summary");
    json_cstr(w, route->summary);
    json_key(w, "security");
    json_begin_array(w);
    if (route->scope != ROUTE_OPEN) {
        json_begin_object(w);
        json_key(w, "bearer");
        json_begin_array(w);
        json_end_array(w);
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "parameters");
    json_begin_array(w);
    for (size_t i = 0; i < compiled->param_count; i++)
        if (compiled->params[i]->in != ROUTE_IN_BODY)
            write_param(w, compiled->params[i]);
    json_end_array(w);
    if (compiled->body_count)
        write_body(w, compiled);
    json_key(w, "responses");
    json_begin_object(w);
    snprintf(status, sizeof status, "%d", route->status ? route->status : 200);
    write_response(w, status, "success",
                   route->content_type ? route->content_type : "application/json", route->response);
    write_response(w, "default", "a problem (RFC 9457)", "application/problem+json", "Problem");
    json_end_object(w);
    json_end_object(w);
}

// /api/events/:id → /api/events/{id}
static const char *template_path(struct arena *arena, const char *path)
{
    const char *text = "";
    struct slice rest = slice_from_cstr(path + 1), part;
    while (slice_split_next(&rest, '/', &part))
        text = part.len && part.ptr[0] == ':'
                   ? arena_printf(arena, "%s/{%.*s}", text, SLICE_FMT(slice_sub(part, 1, part.len)))
                   : arena_printf(arena, "%s/%.*s", text, SLICE_FMT(part));
    return text;
}

static void write_paths(struct json_writer *w, const struct router *router, struct arena *arena)
{
    json_key(w, "paths");
    json_begin_object(w);
    for (size_t i = 0; i < router->count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen |= strcmp(router->routes[k].route->path, router->routes[i].route->path) == 0;
        if (seen)
            continue;
        json_key(w, template_path(arena, router->routes[i].route->path));
        json_begin_object(w);
        for (size_t k = i; k < router->count; k++)
            if (strcmp(router->routes[k].route->path, router->routes[i].route->path) == 0)
                write_operation(w, &router->routes[k]);
        json_end_object(w);
    }
    json_end_object(w);
}

static void write_components(struct json_writer *w, const struct router *router)
{
    json_key(w, "components");
    json_begin_object(w);
    json_key(w, "securitySchemes");
    json_raw(w, SLICE("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}}"));
    json_key(w, "schemas");
    json_begin_object(w);
    json_key(w, "Problem");
    json_raw(w, slice_from_cstr(problem_schema));
    json_key(w, "Health");
    json_raw(w, SLICE("{\"type\":\"object\",\"required\":[\"status\"],\"properties\":{\"status\":"
                      "{\"enum\":[\"pass\",\"fail\"]}}}"));
    for (size_t i = 0; i < router->options.schema_count; i++) {
        json_key(w, router->options.schemas[i].name);
        json_raw(w, slice_from_cstr(router->options.schemas[i].json));
    }
    json_end_object(w);
    json_end_object(w);
}

void router_openapi(const struct router *router, struct buffer *out)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(1024 * 1024);
    struct json_writer w = json_writer_on(out);
    json_begin_object(&w);
    json_key(&w, "openapi");
    json_cstr(&w, "3.1.0");
    json_key(&w, "jsonSchemaDialect");
    json_cstr(&w, "https://json-schema.org/draft/2020-12/schema");
    json_key(&w, "info");
    json_begin_object(&w);
    json_key(&w, "title");
    json_cstr(&w, router->options.title);
    json_key(&w, "description");
    json_cstr(&w, router->options.description);
    json_key(&w, "version");
    json_cstr(&w, EVENTD_VERSION);
    json_key(&w, "license");
    json_raw(&w, SLICE("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
    json_end_object(&w);
    write_paths(&w, router, arena);
    write_components(&w, router);
    json_end_object(&w);
}
