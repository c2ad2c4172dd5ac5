// From the bytes of a request to typed values, by the route's parameter tables.
#include "lib/route/router.h"
#include "lib/text/nearest.h"

#include <string.h>

void route_fault(struct route_faults *faults, enum err code, bool in_body, const char *place,
                 const char *detail, const char *nearest)
{
    if (faults->count == 0)
        faults->code = code;
    if (faults->count == ROUTE_MAX_ITEMS)
        return;
    faults->items[faults->count++] = (struct http_problem_item){
        .parameter = in_body ? NULL : place,
        .pointer = in_body ? place : NULL,
        .code = error_info(code)->code,
        .detail = detail,
        .nearest = nearest,
    };
}

static void decode_path(struct route_call *call, const struct compiled_route *compiled,
                        const struct slice *segments, struct route_faults *faults)
{
    for (size_t s = 0; s < compiled->segment_count; s++) {
        if (compiled->segments[s].ptr[0] != ':')
            continue;
        for (size_t i = 0; i < compiled->param_count; i++) {
            const struct route_param *param = compiled->params[i];
            if (param->in != ROUTE_IN_PATH ||
                !slice_equal(slice_from_cstr(param->name),
                             slice_sub(compiled->segments[s], 1, SIZE_MAX / 2)))
                continue;
            struct slice text = http_url_decode(call->arena, segments[s], false);
            const char *wrong = route_value_read(call->arena, param, text, &call->values[i]);
            if (wrong)
                route_fault(faults, ERR_INVALID_PARAMETER, false, param->name, wrong,
                            route_value_nearest(param, text));
        }
    }
}

static int find_param(const struct compiled_route *compiled, enum route_in in, struct slice name)
{
    for (size_t i = 0; i < compiled->param_count; i++)
        if (compiled->params[i]->in == in &&
            slice_equal(slice_from_cstr(compiled->params[i]->name), name))
            return (int)i;
    return -1;
}

static void decode_query(struct route_call *call, const struct compiled_route *compiled,
                         struct route_faults *faults)
{
    struct slice rest = call->exchange->query;
    struct http_header pair;
    while (http_query_next(call->arena, &rest, &pair)) {
        if (pair.name.len == 0)
            continue;
        int at = find_param(compiled, ROUTE_IN_QUERY, pair.name);
        const char *name = arena_cstr(call->arena, pair.name);
        if (at < 0) {
            const char *nearest =
                text_nearest(pair.name, compiled->query_names, compiled->query_count);
            route_fault(faults, ERR_UNKNOWN_PARAMETER, false, name,
                        arena_printf(call->arena, "there is no parameter '%s'%s%s%s", name,
                                     nearest ? "; the nearest is '" : "", nearest ? nearest : "",
                                     nearest ? "'" : ""),
                        nearest);
            continue;
        }
        if (call->values[at].given) {
            route_fault(faults, ERR_INVALID_PARAMETER, false, name, "given twice", NULL);
            continue;
        }
        const char *wrong =
            route_value_read(call->arena, compiled->params[at], pair.value, &call->values[at]);
        if (wrong)
            route_fault(faults, ERR_INVALID_PARAMETER, false, name, wrong,
                        route_value_nearest(compiled->params[at], pair.value));
    }
}

// One member of a JSON body. The faults of lists carry the position: /urls/3.
static void decode_member(struct route_call *call, const struct route_param *param,
                          yyjson_val *json, struct route_value *value, struct route_faults *faults)
{
    const char *pointer = arena_printf(call->arena, "/%s", param->name), *wrong = NULL;
    struct slice text = {yyjson_get_str(json), yyjson_get_len(json)};
    if (route_type_is_list(param->type) && yyjson_is_arr(json)) {
        size_t index, most;
        yyjson_val *item;
        if (yyjson_arr_size(json) > route_list_max(param) || yyjson_arr_size(json) == 0) {
            route_fault(
                faults, ERR_INVALID_FIELD, true, pointer,
                arena_printf(call->arena, "expected 1 to %zu members", route_list_max(param)),
                NULL);
            return;
        }
        value->items = ARENA_ARRAY(call->arena, yyjson_arr_size(json), struct slice);
        yyjson_arr_foreach (json, index, most, item) {
            struct slice member = {yyjson_get_str(item), yyjson_get_len(item)};
            wrong = yyjson_is_str(item) ? route_value_check(call->arena, param, member, value)
                                        : "expected a string";
            if (wrong && (param->type != ROUTE_TEXT_LIST || !yyjson_is_str(item)))
                route_fault(faults, ERR_INVALID_FIELD, true,
                            arena_printf(call->arena, "%s/%zu", pointer, index), wrong, NULL);
            // Texts that are wrong are kept as empty ones: batch routes answer item by item.
            value->items[value->count++] = wrong ? (struct slice){"", 0} : value->text;
        }
        value->given = true;
        return;
    }
    if (param->type == ROUTE_BOOL)
        wrong = yyjson_is_bool(json) ? NULL : "expected true or false";
    else if (param->type == ROUTE_INT)
        wrong = yyjson_is_int(json) ? NULL : "expected a whole number";
    else if (param->type == ROUTE_NUMBER)
        wrong = yyjson_is_num(json) ? NULL : "expected a number";
    else if (route_type_is_list(param->type))
        wrong = "expected an array of strings";
    else
        wrong = yyjson_is_str(json) ? NULL : "expected a string";
    if (!wrong && param->type == ROUTE_BOOL)
        text = yyjson_get_bool(json) ? SLICE("true") : SLICE("false");
    else if (!wrong && param->type == ROUTE_INT)
        text = slice_from_cstr(arena_printf(call->arena, "%lld", (long long)yyjson_get_sint(json)));
    else if (!wrong && param->type == ROUTE_NUMBER)
        text = slice_from_cstr(arena_printf(call->arena, "%.17g", yyjson_get_num(json)));
    if (!wrong)
        wrong = route_value_check(call->arena, param, text, value);
    value->given = !wrong;
    if (wrong)
        route_fault(faults, ERR_INVALID_FIELD, true, pointer, wrong,
                    route_value_nearest(param, text));
}

static void decode_body(struct route_call *call, const struct compiled_route *compiled,
                        struct route_faults *faults)
{
    struct error error = {0};
    if (compiled->body_count == 0)
        return;
    if (json_parse(call->arena, call->exchange->body, &call->body, &error)) {
        route_fault(faults, ERR_INVALID_JSON, true, "",
                    call->exchange->body.len ? arena_strdup(call->arena, error.detail)
                                             : "the body is empty",
                    NULL);
        return;
    }
    if (!yyjson_is_obj(call->body)) {
        route_fault(faults, ERR_INVALID_FIELD, true, "", "expected an object", NULL);
        return;
    }
    size_t index, most;
    yyjson_val *key, *json;
    yyjson_obj_foreach (call->body, index, most, key, json) {
        struct slice name = {yyjson_get_str(key), yyjson_get_len(key)};
        int at = find_param(compiled, ROUTE_IN_BODY, name);
        if (at >= 0 && !yyjson_is_null(json)) {
            decode_member(call, compiled->params[at], json, &call->values[at], faults);
        } else if (at < 0) {
            const char *pointer = arena_printf(call->arena, "/%.*s", SLICE_FMT(name));
            route_fault(faults, ERR_UNKNOWN_PARAMETER, true, pointer, "there is no such member",
                        text_nearest(name, compiled->body_names, compiled->body_count));
        }
    }
}

static void fill_missing(struct route_call *call, const struct compiled_route *compiled,
                         struct route_faults *faults)
{
    for (size_t i = 0; i < compiled->param_count; i++) {
        const struct route_param *param = compiled->params[i];
        struct route_value *value = &call->values[i];
        bool in_body = param->in == ROUTE_IN_BODY;
        if (value->given)
            continue;
        if (param->fallback) {
            (void)route_value_read(call->arena, param, slice_from_cstr(param->fallback), value);
            value->is_fallback = true;
        } else if (param->required) {
            route_fault(faults, in_body ? ERR_MISSING_FIELD : ERR_MISSING_PARAMETER, in_body,
                        in_body ? arena_printf(call->arena, "/%s", param->name) : param->name,
                        "is required", NULL);
        }
    }
}

// What several values say together; only values that are right one by one are looked at.
static void check_together(struct route_call *call, struct route_faults *faults)
{
    const struct route *route = call->route;
    for (size_t s = 0; s < ROUTE_MAX_PARAM_SETS && faults->count == 0; s++) {
        const char *parameter = NULL;
        const char *wrong =
            route->params[s].check ? route->params[s].check(call, &parameter) : NULL;
        if (wrong)
            route_fault(faults, ERR_INVALID_PARAMETER, false, parameter, wrong, NULL);
    }
}

bool route_decode(struct route_call *call, const struct compiled_route *compiled,
                  const struct slice *segments, struct route_faults *faults)
{
    decode_path(call, compiled, segments, faults);
    decode_query(call, compiled, faults);
    decode_body(call, compiled, faults);
    if (faults->count == 0)
        fill_missing(call, compiled, faults);
    const struct route_value *limit = route_value_get(call, "limit");
    call->limit = limit->given ? limit->integer : 0;
    check_together(call, faults);
    return faults->count == 0;
}
