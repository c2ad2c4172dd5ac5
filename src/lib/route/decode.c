// From the bytes of a request to typed values, by the route's parameter tables.
#include "lib/base/digest.h"
#include "lib/route/router.h"
#include "lib/text/dates.h"
#include "lib/text/nearest.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TEXT_MAX = 200, DEFAULT_LIST_MAX = 50, DEFAULT_OBJECT_BYTES = 64 * 1024 };

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

// Characters, not bytes: everything but UTF-8 continuation bytes.
static size_t count_characters(struct slice text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return n;
}

// The forms that PostgreSQL reads the same way: 2026-11-22, and with a time and an offset behind it.
static bool is_date(struct slice text)
{
    struct date_time date;
    return text.len == 10 && date_parse(text, &date) && !date.has_time;
}

static bool is_instant(struct slice text)
{
    struct date_time date;
    return is_date(text) || (text.len >= 20 && is_date(slice_sub(text, 0, 10)) &&
                             date_parse(text, &date) && date.has_time && date.has_offset);
}

static const char *join_values(struct arena *arena, const char *const *values)
{
    const char *text = "expected one of ";
    for (size_t i = 0; values[i]; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", values[i]);
    return text;
}

// Checks one text against the parameter; NULL when it is fine, else what was expected.
static const char *check_scalar(struct arena *arena, const struct route_param *param,
                                struct slice text, struct route_value *value)
{
    int64_t most = param->max ? param->max : DEFAULT_TEXT_MAX;
    value->text = text;
    switch (param->type) {
    case ROUTE_TEXT:
    case ROUTE_TEXT_LIST:
        if (memchr(text.ptr, '\0', text.len) || !unicode_is_valid(text))
            return "expected UTF-8 without NUL characters";
        if (text.len == 0 || (param->type == ROUTE_TEXT && (int64_t)count_characters(text) > most))
            return arena_printf(arena, "expected 1 to %lld characters", (long long)most);
        return NULL;
    case ROUTE_INT:
        if (!slice_to_int(text, &value->integer) || value->integer < param->min ||
            value->integer > param->max)
            return arena_printf(arena, "expected a whole number from %lld to %lld",
                                (long long)param->min, (long long)param->max);
        return NULL;
    case ROUTE_BOOL:
        value->integer = slice_equal(text, SLICE("true"));
        return value->integer || slice_equal(text, SLICE("false")) ? NULL
                                                                   : "expected true or false";
    case ROUTE_DATE:
        return is_date(text) ? NULL : "expected a date such as 2026-11-22";
    case ROUTE_INSTANT:
        return is_instant(text)
                   ? NULL
                   : "expected an RFC 3339 time such as 2026-11-22T18:00:00Z, or a date";
    case ROUTE_UUID:
    case ROUTE_UUID_LIST:
        return uuid_is_valid(text) ? NULL : "expected a UUID";
    case ROUTE_ENUM:
        for (size_t i = 0; param->values[i]; i++)
            if (slice_equal(text, slice_from_cstr(param->values[i])))
                return NULL;
        return join_values(arena, param->values);
    case ROUTE_OBJECT:
        return "expected an object"; // only in a body: decode_object
    case ROUTE_CURSOR:
        return text.len ? NULL : "expected a cursor of an earlier answer";
    }
    return NULL;
}

static bool is_list(const struct route_param *param)
{
    return param->type == ROUTE_TEXT_LIST || param->type == ROUTE_UUID_LIST;
}

static size_t list_max(const struct route_param *param)
{
    return param->max ? (size_t)param->max : DEFAULT_LIST_MAX;
}

// "a,b,c": empty members are left out.
static const char *decode_list(struct arena *arena, const struct route_param *param,
                               struct slice text, struct route_value *value)
{
    struct slice rest = text, part;
    size_t members = 1;
    for (size_t i = 0; i < text.len; i++)
        members += text.ptr[i] == ',';
    value->items = ARENA_ARRAY(arena, members, struct slice);
    while (slice_split_next(&rest, ',', &part)) {
        part = slice_trim(part);
        if (part.len == 0)
            continue;
        if (value->count == list_max(param))
            return arena_printf(arena, "expected at most %zu members", list_max(param));
        const char *wrong = check_scalar(arena, param, part, value);
        if (wrong)
            return wrong;
        value->items[value->count++] = part;
    }
    value->text = value->count ? value->items[0] : (struct slice){0};
    return value->count ? NULL : "expected at least one member";
}

static const char *decode_text(struct arena *arena, const struct route_param *param,
                               struct slice text, struct route_value *value)
{
    const char *wrong = is_list(param) ? decode_list(arena, param, text, value)
                                       : check_scalar(arena, param, text, value);
    value->given = !wrong;
    return wrong;
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
            const char *wrong = decode_text(call->arena, param, text, &call->values[i]);
            if (wrong)
                route_fault(faults, ERR_INVALID_PARAMETER, false, param->name, wrong, NULL);
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
            decode_text(call->arena, compiled->params[at], pair.value, &call->values[at]);
        if (wrong)
            route_fault(faults, ERR_INVALID_PARAMETER, false, name, wrong, NULL);
    }
}

static const char *decode_object(struct arena *arena, const struct route_param *param,
                                 yyjson_val *json, struct route_value *value)
{
    size_t most = param->max ? (size_t)param->max : DEFAULT_OBJECT_BYTES, len = 0;
    if (!yyjson_is_obj(json))
        return "expected an object";
    char *text = yyjson_val_write(json, 0, &len);
    if (!text || len > most) {
        free(text);
        return arena_printf(arena, "expected at most %zu bytes", most);
    }
    value->text = arena_slice(arena, (struct slice){text, len});
    free(text);
    return NULL;
}

// One member of a JSON body. The faults of lists carry the position: /urls/3.
static void decode_member(struct route_call *call, const struct route_param *param,
                          yyjson_val *json, struct route_value *value, struct route_faults *faults)
{
    const char *pointer = arena_printf(call->arena, "/%s", param->name), *wrong = NULL;
    struct slice text = {yyjson_get_str(json), yyjson_get_len(json)};
    if (is_list(param) && yyjson_is_arr(json)) {
        size_t index, most;
        yyjson_val *item;
        if (yyjson_arr_size(json) > list_max(param) || yyjson_arr_size(json) == 0) {
            route_fault(faults, ERR_INVALID_FIELD, true, pointer,
                        arena_printf(call->arena, "expected 1 to %zu members", list_max(param)),
                        NULL);
            return;
        }
        value->items = ARENA_ARRAY(call->arena, yyjson_arr_size(json), struct slice);
        yyjson_arr_foreach (json, index, most, item) {
            struct slice member = {yyjson_get_str(item), yyjson_get_len(item)};
            wrong = yyjson_is_str(item) ? check_scalar(call->arena, param, member, value)
                                        : "expected a string";
            if (wrong && (param->type == ROUTE_UUID_LIST || !yyjson_is_str(item)))
                route_fault(faults, ERR_INVALID_FIELD, true,
                            arena_printf(call->arena, "%s/%zu", pointer, index), wrong, NULL);
            // Texts that are wrong are kept as empty ones: batch routes answer item by item.
            value->items[value->count++] = wrong ? (struct slice){"", 0} : member;
        }
        value->given = true;
        return;
    }
    if (param->type == ROUTE_OBJECT) {
        wrong = decode_object(call->arena, param, json, value);
        value->given = !wrong;
        if (wrong)
            route_fault(faults, ERR_INVALID_FIELD, true, pointer, wrong, NULL);
        return;
    }
    if (param->type == ROUTE_BOOL)
        wrong = yyjson_is_bool(json) ? NULL : "expected true or false";
    else if (param->type == ROUTE_INT)
        wrong = yyjson_is_int(json) ? NULL : "expected a whole number";
    else if (is_list(param))
        wrong = "expected an array of strings";
    else
        wrong = yyjson_is_str(json) ? NULL : "expected a string";
    if (!wrong && param->type == ROUTE_BOOL)
        text = yyjson_get_bool(json) ? SLICE("true") : SLICE("false");
    else if (!wrong && param->type == ROUTE_INT)
        text = slice_from_cstr(arena_printf(call->arena, "%lld", (long long)yyjson_get_sint(json)));
    if (!wrong)
        wrong = check_scalar(call->arena, param, text, value);
    value->given = !wrong;
    if (wrong)
        route_fault(faults, ERR_INVALID_FIELD, true, pointer, wrong, NULL);
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
        if (param->fallback)
            (void)decode_text(call->arena, param, slice_from_cstr(param->fallback), value);
        else if (param->required)
            route_fault(faults, in_body ? ERR_MISSING_FIELD : ERR_MISSING_PARAMETER, in_body,
                        in_body ? arena_printf(call->arena, "/%s", param->name) : param->name,
                        "is required", NULL);
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
    return faults->count == 0;
}
