// PostgreSQL's types in their binary form (the …send functions of src/backend/utils/adt) as text
// for JSON. One table; rows.c reads it, and db_check_statements refuses a statement with a column
// that is not in it.
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

// What the text of a value is in JSON.
enum db_type_form {
    DB_FORM_BARE,   // stands as it is: numbers, true, json, arrays
    DB_FORM_QUOTED, // in quotes, nothing to escape: dates, uuid
    DB_FORM_TEXT,   // in quotes, escaped: text
};

struct db_type {
    uint32_t oid, array_oid; // fixed numbers of PostgreSQL (src/include/catalog/pg_type.dat)
    const char *name;
    enum db_type_form form;
    // Appends the value's text; false when JSON has no value for it (infinity, NaN): null.
    bool (*append)(struct buffer *out, struct slice bytes);
};

// Also finds the types of arrays: *ret_is_array with the type of the elements. NULL for a type not
// in the table.
const struct db_type *db_type_find(uint32_t oid, bool *ret_is_array);

// Appends a value as JSON. bytes absent: null.
void db_type_append_json(const struct db_type *type, bool is_array, struct slice bytes,
                         struct buffer *out);

// Typed access; another type than the ones named is a broken invariant.
bool db_type_bool(const struct db_type *type, struct slice bytes);
int64_t db_type_int(const struct db_type *type, struct slice bytes); // int2, int4, int8, oid
double db_type_double(const struct db_type *type,
                      struct slice bytes); // and float4, float8, numeric
struct slice db_type_text(const struct db_type *type,
                          struct slice bytes); // text types, json, jsonb
