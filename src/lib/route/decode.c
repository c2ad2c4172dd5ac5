// From the bytes of a request to typed values, by the route's parameter tables.
#include "lib/route/router.h"
#include "lib/text/nearest.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_OBJECT_BYTES = 64 * 1024 };

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
            if (compiled->in[i] != ROUTE_IN_PATH ||
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
        if (compiled->in[i] == in && slice_equal(slice_from_cstr(compiled->params[i]->name), name))
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

static void decode_array(struct arena *arena, const struct route_param *param, yyjson_val *json,
                         const char *pointer, struct route_value *value,
                         struct route_faults *faults)
{
    size_t index, most;
    yyjson_val *item;
    if (yyjson_arr_size(json) > route_list_max(param) || yyjson_arr_size(json) == 0) {
        route_fault(faults, ERR_INVALID_FIELD, true, pointer,
                    arena_printf(arena, "expected 1 to %zu members", route_list_max(param)), NULL);
        return;
    }
    value->items = ARENA_ARRAY(arena, yyjson_arr_size(json), struct slice);
    yyjson_arr_foreach (json, index, most, item) {
        struct slice member = {yyjson_get_str(item), yyjson_get_len(item)};
        bool is_object = param->type == ROUTE_OBJECT_LIST;
        const char *wrong = NULL;
        if (is_object != yyjson_is_obj(item) || (!is_object && !yyjson_is_str(item)))
            wrong = is_object ? "expected an object" : "expected a string";
        else if (!is_object)
            wrong = route_value_check(arena, param, member, value);
        if (wrong && (param->type != ROUTE_TEXT_LIST || !yyjson_is_str(item)))
            route_fault(faults, ERR_INVALID_FIELD, true,
                        arena_printf(arena, "%s/%zu", pointer, index), wrong,
                        route_value_nearest(param, member));
        // Texts that are wrong are kept as empty ones: batch routes answer item by item.
        value->items[value->count++] = wrong || is_object ? (struct slice){"", 0} : value->text;
    }
    value->given = true;
}

// What a value of this type looks like in JSON; NULL when this one does.
static const char *check_kind(const struct route_param *param, yyjson_val *json)
{
    if (param->type == ROUTE_BOOL)
        return yyjson_is_bool(json) ? NULL : "expected true or false";
    if (param->type == ROUTE_INT)
        return yyjson_is_int(json) ? NULL : "expected a whole number";
    if (param->type == ROUTE_NUMBER)
        return yyjson_is_num(json) ? NULL : "expected a number";
    if (param->type == ROUTE_OBJECT || param->type == ROUTE_FILTER)
        return yyjson_is_obj(json) ? NULL : "expected an object";
    if (param->type == ROUTE_OBJECT_LIST)
        return "expected an array of objects";
    if (route_type_is_list(param->type))
        return "expected an array of strings";
    return yyjson_is_str(json) ? NULL : "expected a string";
}

static const char *read_object(struct arena *arena, const struct route_param *param,
                               yyjson_val *json, struct slice *ret_text)
{
    size_t most = param->max ? (size_t)param->max : DEFAULT_OBJECT_BYTES, len = 0;
    char *text = yyjson_val_write(json, 0, &len);
    bool fits = text && len <= most;
    if (fits)
        *ret_text = arena_slice(arena, (struct slice){text, len});
    free(text);
    return fits ? NULL : arena_printf(arena, "expected at most %zu bytes", most);
}

// One member of a JSON body. The faults of lists carry the position: /urls/3.
static void decode_member(struct arena *arena, const struct route_param *param, yyjson_val *json,
                          const char *pointer, struct route_value *value,
                          struct route_faults *faults)
{
    struct slice text = {yyjson_get_str(json), yyjson_get_len(json)};
    if (route_type_is_list(param->type) && yyjson_is_arr(json)) {
        decode_array(arena, param, json, pointer, value, faults);
        return;
    }
    const char *wrong = check_kind(param, json);
    if (!wrong && param->type == ROUTE_BOOL)
        text = yyjson_get_bool(json) ? SLICE("true") : SLICE("false");
    else if (!wrong && param->type == ROUTE_INT)
        text = slice_from_cstr(arena_printf(arena, "%lld", (long long)yyjson_get_sint(json)));
    else if (!wrong && param->type == ROUTE_NUMBER)
        text = slice_from_cstr(arena_printf(arena, "%.17g", yyjson_get_num(json)));
    else if (!wrong && param->type == ROUTE_OBJECT)
        wrong = read_object(arena, param, json, &value->text);
    if (!wrong && param->type != ROUTE_OBJECT && param->type != ROUTE_FILTER)
        wrong = route_value_check(arena, param, text, value);
    value->given = !wrong;
    if (wrong)
        route_fault(faults, ERR_INVALID_FIELD, true, pointer, wrong,
                    route_value_nearest(param, text));
}

// A route that asks for nothing in its body takes none as well.
static bool may_be_without(const struct compiled_route *compiled)
{
    for (size_t i = 0; i < compiled->param_count; i++)
        if (compiled->params[i]->in == ROUTE_IN_BODY && compiled->params[i]->required)
            return false;
    return true;
}

void route_read_object(struct arena *arena, yyjson_val *object,
                       const struct route_param *const *params, size_t count, const char *place,
                       struct route_value *values, struct route_faults *faults)
{
    size_t index, most;
    yyjson_val *key, *json;
    const char **names = ARENA_ARRAY(arena, count, const char *);
    bool *is_seen = ARENA_ARRAY(arena, count, bool);
    for (size_t i = 0; i < count; i++)
        names[i] = params[i]->name;
    yyjson_obj_foreach (object, index, most, key, json) {
        struct slice name = {yyjson_get_str(key), yyjson_get_len(key)};
        const char *pointer = arena_printf(arena, "%s/%.*s", place, SLICE_FMT(name));
        size_t at = 0;
        while (at < count && !slice_equal(slice_from_cstr(names[at]), name))
            at++;
        if (at == count)
            route_fault(faults, ERR_UNKNOWN_PARAMETER, true, pointer, "there is no such member",
                        text_nearest(name, names, count));
        else if (is_seen[at]) // which one counts would be anybody's guess (RFC 8259 section 4)
            route_fault(faults, ERR_INVALID_FIELD, true, pointer, "given twice", NULL);
        else if (!yyjson_is_null(json))
            decode_member(arena, params[at], json, pointer, &values[at], faults);
        if (at < count)
            is_seen[at] = true;
    }
}

// Those of the route's parameters that stand in an object of the body, and where they are among the values.
struct members {
    const struct route_param *params[ROUTE_MAX_PARAMS];
    size_t position[ROUTE_MAX_PARAMS], count;
};

static struct members members_in(const struct compiled_route *compiled, enum route_in in)
{
    struct members members = {0};
    for (size_t i = 0; i < compiled->param_count; i++)
        if (compiled->in[i] == in) {
            members.position[members.count] = i;
            members.params[members.count++] = compiled->params[i];
        }
    return members;
}

static void decode_object(struct route_call *call, const struct compiled_route *compiled,
                          yyjson_val *object, enum route_in in, const char *place,
                          struct route_faults *faults)
{
    struct members members = members_in(compiled, in);
    struct route_value values[ROUTE_MAX_PARAMS] = {0};
    route_read_object(call->arena, object, members.params, members.count, place, values, faults);
    for (size_t i = 0; i < members.count; i++)
        call->values[members.position[i]] = values[i];
}

static void decode_body(struct route_call *call, const struct compiled_route *compiled,
                        struct route_faults *faults)
{
    struct error error = {0};
    if (compiled->body_count == 0 || (call->exchange->body.len == 0 && may_be_without(compiled)))
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
    decode_object(call, compiled, call->body, ROUTE_IN_BODY, "", faults);
    for (size_t i = 0; i < compiled->param_count; i++)
        if (compiled->params[i]->type == ROUTE_FILTER && call->values[i].given)
            decode_object(call, compiled, yyjson_obj_get(call->body, compiled->params[i]->name),
                          ROUTE_IN_FILTER,
                          arena_printf(call->arena, "/%s", compiled->params[i]->name), faults);
}

static void fill_missing(struct route_call *call, const struct compiled_route *compiled,
                         struct route_faults *faults)
{
    for (size_t i = 0; i < compiled->param_count; i++) {
        const struct route_param *param = compiled->params[i];
        struct route_value *value = &call->values[i];
        bool in_body = compiled->in[i] == ROUTE_IN_BODY;
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
    if (!compiled->route->ignores_query)
        decode_query(call, compiled, faults);
    decode_body(call, compiled, faults);
    if (faults->count == 0)
        fill_missing(call, compiled, faults);
    const struct route_value *limit = route_value_get(call, "limit");
    call->limit = limit->given ? limit->integer : 0;
    check_together(call, faults);
    return faults->count == 0;
}
