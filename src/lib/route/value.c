// One text and the parameter it is for: is it one, and which bytes go to the statement?
#include "lib/base/digest.h"
#include "lib/route/router.h"
#include "lib/text/dates.h"
#include "lib/text/names.h"
#include "lib/text/nearest.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TEXT_MAX = 200, DEFAULT_LIST_MAX = 50, MAX_NUMBER_CHARACTERS = 32 };

bool route_type_is_list(enum route_type type)
{
    return type == ROUTE_TEXT_LIST || type == ROUTE_UUID_LIST || type == ROUTE_ENUM_LIST ||
           type == ROUTE_NAME_LIST || type == ROUTE_OBJECT_LIST;
}

size_t route_list_max(const struct route_param *param)
{
    return param->max ? (size_t)param->max : DEFAULT_LIST_MAX;
}

// Characters, not bytes: everything but UTF-8 continuation bytes.
static size_t count_characters(struct slice text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return n;
}

static const char *check_text(struct arena *arena, const struct route_param *param,
                              struct slice text)
{
    // The max of a list counts its members.
    int64_t most = param->max && !route_type_is_list(param->type) ? param->max : DEFAULT_TEXT_MAX;
    if (memchr(text.ptr, '\0', text.len) || !unicode_is_valid(text))
        return "expected UTF-8 without NUL characters";
    if (text.len == 0 || (int64_t)count_characters(text) > most)
        return arena_printf(arena, "expected 1 to %lld characters", (long long)most);
    return NULL;
}

// An id stays what it is; a name becomes the key under which equal names meet.
static const char *check_name(struct arena *arena, const struct route_param *param,
                              struct slice text, struct route_value *value)
{
    const char *wrong = check_text(arena, param, text);
    if (wrong || uuid_is_valid(text))
        return wrong;
    value->text = name_normalize(arena, text);
    return value->text.len ? NULL : "expected a name or an id";
}

// The forms that PostgreSQL reads the same way: 2026-11-22, and with a time and an offset behind it.
static bool is_date(struct slice text)
{
    struct date_time date;
    return text.len == 10 && date_parse(text, &date) && !date.has_time;
}

// PostgreSQL takes offsets below 16 hours.
static bool is_instant(struct slice text)
{
    struct date_time date;
    return is_date(text) ||
           (text.len >= 20 && is_date(slice_sub(text, 0, 10)) && date_parse(text, &date) &&
            date.has_time && date.has_offset && abs(date.offset_minutes) < 16 * 60);
}

// Decimal, without "nan", "inf" and hexadecimal forms.
static bool read_number(struct slice text, double min, double max, double *ret)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("0123456789+-.eE", text.ptr[i]) || text.ptr[i] == '\0')
            return false;
    return text.len <= MAX_NUMBER_CHARACTERS && slice_to_double(text, ret) && *ret >= min &&
           *ret <= max;
}

// "52.52,13.40" or "13.1,52.3,13.8,52.7": exactly `count` numbers, the even ones up to ±even, the odd ones up to ±odd.
static bool read_numbers(struct arena *arena, struct slice text, size_t count, double even,
                         double odd, struct route_value *value)
{
    struct slice rest = text, part;
    value->items = ARENA_ARRAY(arena, count, struct slice);
    for (value->count = 0; slice_split_next(&rest, ',', &part); value->count++) {
        double most = value->count % 2 ? odd : even, number;
        if (value->count == count || !read_number(slice_trim(part), -most, most, &number))
            return false;
        value->items[value->count] = slice_trim(part);
    }
    return value->count == count;
}

static bool is_ordered_box(const struct route_value *value)
{
    double south, north;
    return slice_to_double(value->items[1], &south) && slice_to_double(value->items[3], &north) &&
           south <= north;
}

static const char *join_values(struct arena *arena, const char *const *values)
{
    const char *text = "expected one of ";
    for (size_t i = 0; values[i]; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", values[i]);
    return text;
}

static bool is_one_of(struct slice text, const char *const *values)
{
    for (size_t i = 0; values[i]; i++)
        if (slice_equal(text, slice_from_cstr(values[i])))
            return true;
    return false;
}

const char *route_value_check(struct arena *arena, const struct route_param *param,
                              struct slice text, struct route_value *value)
{
    value->text = text;
    switch (param->type) {
    case ROUTE_TEXT:
    case ROUTE_TEXT_LIST:
        return check_text(arena, param, text);
    case ROUTE_NAME:
    case ROUTE_NAME_LIST:
        return check_name(arena, param, text, value);
    case ROUTE_INT:
        if (!slice_to_int(text, &value->integer) || value->integer < param->min ||
            value->integer > param->max)
            return arena_printf(arena, "expected a whole number from %lld to %lld",
                                (long long)param->min, (long long)param->max);
        return NULL;
    case ROUTE_NUMBER:
        return read_number(text, (double)param->min, (double)param->max, &value->number)
                   ? NULL
                   : arena_printf(arena, "expected a number from %lld to %lld",
                                  (long long)param->min, (long long)param->max);
    case ROUTE_POINT:
        return read_numbers(arena, text, 2, 90, 180, value)
                   ? NULL
                   : "expected latitude,longitude such as 52.52,13.40";
    case ROUTE_BOX:
        if (!read_numbers(arena, text, 4, 180, 90, value))
            return "expected west,south,east,north in degrees such as 13.0,52.3,13.8,52.7";
        return is_ordered_box(value) ? NULL : "expected the south not to be north of the north";
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
    case ROUTE_ENUM_LIST:
        return is_one_of(text, param->values) ? NULL : join_values(arena, param->values);
    case ROUTE_OBJECT: // of bodies: decode.c
    case ROUTE_OBJECT_LIST:
    case ROUTE_FILTER:
        return "expected a JSON object";
    case ROUTE_CURSOR:
        return text.len ? NULL : "expected a cursor of an earlier answer";
    }
    return NULL;
}

// "a,b,c": empty members are left out.
static const char *read_list(struct arena *arena, const struct route_param *param,
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
        if (value->count == route_list_max(param))
            return arena_printf(arena, "expected at most %zu members", route_list_max(param));
        const char *wrong = route_value_check(arena, param, part, value);
        if (wrong)
            return wrong;
        value->items[value->count++] = value->text;
    }
    value->text = value->count ? value->items[0] : (struct slice){0};
    return value->count ? NULL : "expected at least one member";
}

const char *route_value_read(struct arena *arena, const struct route_param *param,
                             struct slice text, struct route_value *value)
{
    const char *wrong = route_type_is_list(param->type)
                            ? read_list(arena, param, text, value)
                            : route_value_check(arena, param, text, value);
    value->given = !wrong;
    return wrong;
}

const char *route_value_nearest(const struct route_param *param, struct slice text)
{
    struct slice rest = text, part;
    size_t count = 0;
    if (param->type != ROUTE_ENUM && param->type != ROUTE_ENUM_LIST)
        return NULL;
    while (param->values[count])
        count++;
    while (slice_split_next(&rest, param->type == ROUTE_ENUM ? '\0' : ',', &part)) {
        part = slice_trim(part);
        if (part.len && !is_one_of(part, param->values))
            return text_nearest(part, param->values, count);
    }
    return NULL;
}
