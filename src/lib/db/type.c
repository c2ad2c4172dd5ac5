#include "lib/db/type.h"

#include "lib/base/ensure.h"
#include "lib/db/type_time.h"
#include "lib/db/wire.h"
#include "lib/json/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMERIC_NEGATIVE = 0x4000,
    NUMERIC_SPECIAL = 0xC000, // NaN and the infinities
    NUMERIC_HEADER_BYTES = 8,
    MAX_NUMERIC_BYTES = 512 * 1024,
    JSONB_VERSION = 1,
};

static bool append_bool(struct buffer *out, struct slice bytes)
{
    ensure(bytes.len == 1);
    buffer_append_cstr(out, bytes.ptr[0] ? "true" : "false");
    return true;
}

static bool append_int2(struct buffer *out, struct slice bytes)
{
    buffer_append_int(out, wire_int16(bytes, 0));
    return true;
}

static bool append_int4(struct buffer *out, struct slice bytes)
{
    buffer_append_int(out, wire_int32(bytes, 0));
    return true;
}

static bool append_int8(struct buffer *out, struct slice bytes)
{
    buffer_append_int(out, wire_int64(bytes, 0));
    return true;
}

static bool append_oid(struct buffer *out, struct slice bytes)
{
    buffer_append_int(out, (uint32_t)wire_int32(bytes, 0));
    return true;
}

// The shortest digits that read back as the same float: as a double it would show digits that
// nobody wrote.
static bool append_float4(struct buffer *out, struct slice bytes)
{
    float value = wire_float(bytes);
    if (!isfinite(value))
        return false;
    char text[40];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    buffer_append_cstr(out, text);
    return true;
}

static bool append_float8(struct buffer *out, struct slice bytes)
{
    double value = wire_double(bytes);
    if (!isfinite(value))
        return false;
    json_append_double(out, value);
    return true;
}

// The group of four decimal digits at a power of 10000; groups that were not sent are zero.
static int numeric_group(struct slice bytes, int count, int weight, int power)
{
    int position = weight - power;
    if (position < 0 || position >= count)
        return 0;
    return wire_int16(bytes, NUMERIC_HEADER_BYTES + 2 * (size_t)position);
}

static bool append_numeric(struct buffer *out, struct slice bytes)
{
    int count = wire_int16(bytes, 0), weight = wire_int16(bytes, 2);
    int sign = (uint16_t)wire_int16(bytes, 4), scale = wire_int16(bytes, 6);
    if ((sign & NUMERIC_SPECIAL) == NUMERIC_SPECIAL)
        return false;
    if (sign == NUMERIC_NEGATIVE)
        buffer_append_char(out, '-');
    buffer_append_int(out, numeric_group(bytes, count, weight, weight > 0 ? weight : 0));
    for (int power = weight - 1; power >= 0; power--)
        buffer_printf(out, "%04d", numeric_group(bytes, count, weight, power));
    if (scale > 0)
        buffer_append_char(out, '.');
    for (int power = -1; scale > 0; power--, scale -= 4) {
        char digits[8];
        snprintf(digits, sizeof digits, "%04d", numeric_group(bytes, count, weight, power) % 10000);
        buffer_append(out, (struct slice){digits, scale < 4 ? (size_t)scale : 4});
    }
    return true;
}

static bool append_text(struct buffer *out, struct slice bytes)
{
    buffer_append(out, bytes);
    return true;
}

static struct slice jsonb_text(struct slice bytes)
{
    ensure(bytes.len > 0 && bytes.ptr[0] == JSONB_VERSION);
    return (struct slice){bytes.ptr + 1, bytes.len - 1};
}

static bool append_jsonb(struct buffer *out, struct slice bytes)
{
    buffer_append(out, jsonb_text(bytes));
    return true;
}

static bool append_uuid(struct buffer *out, struct slice bytes)
{
    static const char hex[] = "0123456789abcdef";
    ensure(bytes.len == 16);
    char text[36], *to = text;
    for (size_t i = 0; i < bytes.len; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = hex[(uint8_t)bytes.ptr[i] >> 4];
        *to++ = hex[(uint8_t)bytes.ptr[i] & 15];
    }
    buffer_append(out, (struct slice){text, sizeof text});
    return true;
}

// void is what a function that returns nothing gives, such as pg_notify.
static bool append_void(struct buffer *, struct slice)
{
    return false;
}

static const struct db_type types[] = {
    {16, 1000, "bool", DB_FORM_BARE, append_bool},
    {18, 1002, "char", DB_FORM_TEXT, append_text},
    {19, 1003, "name", DB_FORM_TEXT, append_text},
    {20, 1016, "int8", DB_FORM_BARE, append_int8},
    {21, 1005, "int2", DB_FORM_BARE, append_int2},
    {23, 1007, "int4", DB_FORM_BARE, append_int4},
    {25, 1009, "text", DB_FORM_TEXT, append_text},
    {26, 1028, "oid", DB_FORM_BARE, append_oid},
    {114, 199, "json", DB_FORM_BARE, append_text},
    {700, 1021, "float4", DB_FORM_BARE, append_float4},
    {701, 1022, "float8", DB_FORM_BARE, append_float8},
    {1042, 1014, "bpchar", DB_FORM_TEXT, append_text},
    {1043, 1015, "varchar", DB_FORM_TEXT, append_text},
    {1082, 1182, "date", DB_FORM_QUOTED, type_append_date},
    {1083, 1183, "time", DB_FORM_QUOTED, type_append_time},
    {1114, 1115, "timestamp", DB_FORM_QUOTED, type_append_timestamp},
    {1184, 1185, "timestamptz", DB_FORM_QUOTED, type_append_timestamptz},
    {1186, 1187, "interval", DB_FORM_QUOTED, type_append_interval},
    {1700, 1231, "numeric", DB_FORM_BARE, append_numeric},
    {2278, 0, "void", DB_FORM_BARE, append_void},
    {2950, 2951, "uuid", DB_FORM_QUOTED, append_uuid},
    {3802, 3807, "jsonb", DB_FORM_BARE, append_jsonb},
};

const struct db_type *db_type_find(uint32_t oid, bool *ret_is_array)
{
    for (size_t i = 0; oid != 0 && i < ARRAY_LEN(types); i++)
        if (types[i].oid == oid || types[i].array_oid == oid) {
            *ret_is_array = types[i].array_oid == oid;
            return &types[i];
        }
    return NULL;
}

static void append_element(const struct db_type *type, struct slice bytes, struct buffer *out)
{
    if (!bytes.ptr) {
        buffer_append_cstr(out, "null");
        return;
    }
    if (type->form == DB_FORM_TEXT) {
        json_append_string(out, bytes);
        return;
    }
    // Nothing has been appended when there is no value, except the quote.
    size_t before = out->len;
    if (type->form == DB_FORM_QUOTED)
        buffer_append_char(out, '"');
    if (type->append(out, bytes)) {
        if (type->form == DB_FORM_QUOTED)
            buffer_append_char(out, '"');
    } else if (!out->overflow) {
        out->len = before;
        buffer_append_cstr(out, "null");
    }
}

struct array {
    const struct db_type *type;
    struct slice bytes;
    size_t at; // of the next element
    int32_t dimensions;
};

enum { ARRAY_HEADER_BYTES = 12, ARRAY_DIMENSION_BYTES = 8 };

static struct slice array_next(struct array *array)
{
    int32_t len = wire_int32(array->bytes, array->at);
    array->at += 4;
    if (len < 0)
        return (struct slice){0};
    ensure((size_t)len <= array->bytes.len - array->at);
    struct slice element = {array->bytes.ptr + array->at, (size_t)len};
    array->at += (size_t)len;
    return element;
}

static void append_dimension(struct array *array, int32_t dimension, struct buffer *out)
{
    int32_t count =
        wire_int32(array->bytes, ARRAY_HEADER_BYTES + (size_t)dimension * ARRAY_DIMENSION_BYTES);
    buffer_append_char(out, '[');
    for (int32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_char(out, ',');
        if (dimension + 1 < array->dimensions)
            append_dimension(array, dimension + 1, out);
        else
            append_element(array->type, array_next(array), out);
    }
    buffer_append_char(out, ']');
}

// array_send: dimensions, has-nulls flag, element type; for each dimension its length and lower
// bound; the elements.
static void append_array(const struct db_type *type, struct slice bytes, struct buffer *out)
{
    struct array array = {.type = type, .bytes = bytes, .dimensions = wire_int32(bytes, 0)};
    if (array.dimensions == 0) {
        buffer_append_cstr(out, "[]");
        return;
    }
    array.at = ARRAY_HEADER_BYTES + (size_t)array.dimensions * ARRAY_DIMENSION_BYTES;
    append_dimension(&array, 0, out);
}

void db_type_append_json(const struct db_type *type, bool is_array, struct slice bytes,
                         struct buffer *out)
{
    if (is_array && bytes.ptr)
        append_array(type, bytes, out);
    else
        append_element(type, bytes, out);
}

bool db_type_bool(const struct db_type *type, struct slice bytes)
{
    ensure(type->append == append_bool && bytes.len == 1);
    return bytes.ptr[0] != 0;
}

int64_t db_type_int(const struct db_type *type, struct slice bytes)
{
    if (type->append == append_int2)
        return wire_int16(bytes, 0);
    if (type->append == append_int4)
        return wire_int32(bytes, 0);
    if (type->append == append_oid)
        return (uint32_t)wire_int32(bytes, 0);
    ensure(type->append == append_int8);
    return wire_int64(bytes, 0);
}

static double numeric_double(struct slice bytes)
{
    struct buffer CLEANUP(buffer_done) text;
    buffer_init(&text, MAX_NUMERIC_BYTES);
    if (append_numeric(&text, bytes))
        return strtod(buffer_slice(&text).ptr, NULL);
    uint16_t sign = (uint16_t)wire_int16(bytes, 4);
    return sign == 0xD000 ? INFINITY : sign == 0xF000 ? -INFINITY : NAN;
}

double db_type_double(const struct db_type *type, struct slice bytes)
{
    if (type->append == append_float4)
        return (double)wire_float(bytes);
    if (type->append == append_float8)
        return wire_double(bytes);
    if (type->append == append_numeric)
        return numeric_double(bytes);
    return (double)db_type_int(type, bytes);
}

struct slice db_type_text(const struct db_type *type, struct slice bytes)
{
    if (type->append == append_jsonb)
        return jsonb_text(bytes);
    ensure(type->append == append_text);
    return bytes;
}
