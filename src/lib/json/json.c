#include "lib/json/json.h"

#include "lib/text/unicode.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *arena_yyjson_malloc(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void *arena_yyjson_realloc(void *arena, void *old, size_t old_size, size_t size)
{
    void *grown = arena_alloc(arena, size);
    return memcpy(grown, old, old_size < size ? old_size : size);
}

static void arena_yyjson_free(void *arena, void *memory)
{
    (void)arena, (void)memory;
}

static enum err parse(struct arena *arena, struct slice text, yyjson_read_flag flags,
                      yyjson_val **ret_root, struct error *ret_error)
{
    const yyjson_alc allocator = {arena_yyjson_malloc, arena_yyjson_realloc, arena_yyjson_free,
                                  arena};
    yyjson_read_err problem = {0};
    // Without YYJSON_READ_INSITU the input is only read; the cast is yyjson's signature.
    yyjson_doc *doc =
        yyjson_read_opts((char *)(uintptr_t)text.ptr, text.len, flags, &allocator, &problem);
    if (!doc)
        return error_set(ret_error, ERR_INVALID_JSON, "%s at byte %zu", problem.msg, problem.pos);
    *ret_root = yyjson_doc_get_root(doc);
    return ERR_OK;
}

enum err json_parse(struct arena *arena, struct slice text, yyjson_val **ret_root,
                    struct error *ret_error)
{
    return parse(arena, text, YYJSON_READ_NOFLAG, ret_root, ret_error);
}

enum err json_parse_exact(struct arena *arena, struct slice text, yyjson_val **ret_root,
                          struct error *ret_error)
{
    return parse(arena, text, YYJSON_READ_NUMBER_AS_RAW, ret_root, ret_error);
}

yyjson_val *json_get(yyjson_val *root, const char *path)
{
    struct slice rest = slice_from_cstr(path), step;
    yyjson_val *at = root;
    while (at && slice_split_next(&rest, '.', &step)) {
        int64_t index;
        if (yyjson_is_obj(at))
            at = yyjson_obj_getn(at, step.ptr, step.len);
        else if (yyjson_is_arr(at) && slice_to_int(step, &index) && index >= 0)
            at = yyjson_arr_get(at, (size_t)index);
        else
            at = NULL;
    }
    return at;
}

struct slice json_get_text(yyjson_val *root, const char *path)
{
    yyjson_val *value = json_get(root, path);
    return yyjson_is_str(value) ? (struct slice){yyjson_get_str(value), yyjson_get_len(value)}
                                : (struct slice){0};
}

double json_get_double(yyjson_val *root, const char *path, double fallback)
{
    yyjson_val *value = json_get(root, path);
    return yyjson_is_num(value) ? yyjson_get_num(value) : fallback;
}

int64_t json_get_int(yyjson_val *root, const char *path, int64_t fallback)
{
    yyjson_val *value = json_get(root, path);
    if (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX)
        return fallback;
    if (yyjson_is_int(value))
        return yyjson_get_sint(value);
    double number = yyjson_is_real(value) ? yyjson_get_real(value) : NAN;
    return floor(number) == number && fabs(number) < 9e15 ? (int64_t)number : fallback;
}

bool json_get_bool(yyjson_val *root, const char *path, bool fallback)
{
    yyjson_val *value = json_get(root, path);
    return yyjson_is_bool(value) ? yyjson_get_bool(value) : fallback;
}

static void append_escape(struct buffer *buffer, unsigned char c)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *pair = short_forms; *pair; pair += 2)
        if ((unsigned char)pair[0] == c) {
            buffer_append(buffer, (struct slice){(char[]){'\\', pair[1]}, 2});
            return;
        }
    buffer_printf(buffer, "\\u%04x", c);
}

void json_append_string(struct buffer *buffer, struct slice text)
{
    if (!text.ptr) {
        buffer_append_cstr(buffer, "null");
        return;
    }
    const unsigned char *p = (const unsigned char *)text.ptr, *end = p + text.len, *run = p;
    buffer_append_char(buffer, '"');
    while (p < end) {
        size_t len = unicode_sequence((struct slice){(const char *)p, (size_t)(end - p)});
        bool plain = len > 1 || (len == 1 && *p >= 0x20 && *p != '"' && *p != '\\');
        if (plain) {
            p += len;
            continue;
        }
        buffer_append(buffer, (struct slice){(const char *)run, (size_t)(p - run)});
        if (len == 0)
            buffer_append_cstr(buffer, "\xef\xbf\xbd");
        else
            append_escape(buffer, *p);
        run = ++p;
    }
    buffer_append(buffer, (struct slice){(const char *)run, (size_t)(p - run)});
    buffer_append_char(buffer, '"');
}

void json_append_double(struct buffer *buffer, double value)
{
    if (!isfinite(value)) {
        buffer_append_cstr(buffer, "null");
        return;
    }
    char text[40];
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buffer_append_cstr(buffer, text);
}

struct json_writer json_writer_on(struct buffer *out)
{
    return (struct json_writer){.out = out};
}

static void separate(struct json_writer *w)
{
    if (w->needs_comma)
        buffer_append_char(w->out, ',');
    w->needs_comma = true;
}

static void begin(struct json_writer *w, char bracket)
{
    separate(w);
    buffer_append_char(w->out, bracket);
    w->needs_comma = false;
}

static void end(struct json_writer *w, char bracket)
{
    buffer_append_char(w->out, bracket);
    w->needs_comma = true;
}

void json_begin_object(struct json_writer *w)
{
    begin(w, '{');
}

void json_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_begin_array(struct json_writer *w)
{
    begin(w, '[');
}

void json_end_array(struct json_writer *w)
{
    end(w, ']');
}

void json_key(struct json_writer *w, const char *key)
{
    separate(w);
    buffer_append_char(w->out, '"');
    buffer_append_cstr(w->out, key);
    buffer_append_cstr(w->out, "\":");
    w->needs_comma = false;
}

void json_text(struct json_writer *w, struct slice text)
{
    separate(w);
    json_append_string(w->out, text);
}

void json_cstr(struct json_writer *w, const char *text)
{
    json_text(w, slice_from_cstr(text));
}

void json_int(struct json_writer *w, int64_t value)
{
    separate(w);
    buffer_append_int(w->out, value);
}

void json_double(struct json_writer *w, double value)
{
    separate(w);
    json_append_double(w->out, value);
}

void json_bool(struct json_writer *w, bool value)
{
    separate(w);
    buffer_append_cstr(w->out, value ? "true" : "false");
}

void json_null(struct json_writer *w)
{
    separate(w);
    buffer_append_cstr(w->out, "null");
}

void json_raw(struct json_writer *w, struct slice json)
{
    separate(w);
    buffer_append(w->out, json.ptr ? json : SLICE("null"));
}
