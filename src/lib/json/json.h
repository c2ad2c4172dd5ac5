// JSON: reading with yyjson, plus what the project needs around it: paths, typed getters that never
// crash on surprising input, and writing text straight into a buffer.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>
#include <yyjson.h>

// Reads a document; its memory lives in the arena (never call yyjson_doc_free). Fails with ERR_INVALID_JSON
// and the position. Refuses nothing but what RFC 8259 refuses; nesting is limited by the caller's input size.
MUST_CHECK enum err json_parse(struct arena *arena, struct slice text, yyjson_val **ret_root,
                               struct error *ret_error);
// The same, but numbers are kept as they are written (yyjson_is_raw), however many digits they have.
MUST_CHECK enum err json_parse_exact(struct arena *arena, struct slice text, yyjson_val **ret_root,
                                     struct error *ret_error);

// The value under a dotted path of object keys and array positions ("hosts.0.name"); NULL when any step is
// missing or of another type. A NULL root gives NULL.
yyjson_val *json_get(yyjson_val *root, const char *path);
// The same, typed: the absent slice, or the fallback, when missing, null or of another type.
struct slice json_get_text(yyjson_val *root, const char *path);
int64_t json_get_int(yyjson_val *root, const char *path,
                     int64_t fallback); // integers and integral doubles
double json_get_double(yyjson_val *root, const char *path, double fallback);
bool json_get_bool(yyjson_val *root, const char *path, bool fallback);

// Appends "text" with quotes and escapes; bytes that are not UTF-8 become U+FFFD. The absent slice gives null.
void json_append_string(struct buffer *buffer, struct slice text);
// Shortest form that reads back the same; NaN and infinities give null.
void json_append_double(struct buffer *buffer, double value);

// A writer for objects and arrays that takes care of commas. Keys are constants of ours, not escaped.
struct json_writer {
    struct buffer *out;
    bool needs_comma;
};
struct json_writer json_writer_on(struct buffer *out);
void json_begin_object(struct json_writer *w); // as an array element or the root
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key); // then exactly one value
void json_text(struct json_writer *w, struct slice text);
void json_cstr(struct json_writer *w, const char *text); // NULL gives null
void json_int(struct json_writer *w, int64_t value);
void json_double(struct json_writer *w, double value);
void json_bool(struct json_writer *w, bool value);
void json_null(struct json_writer *w);
void json_raw(struct json_writer *w,
              struct slice json); // text that is JSON already; absent gives null
