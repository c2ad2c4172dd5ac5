// Rows of one answer: typed access and rendering to JSON. Results arrive in binary form.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/slice.h"
#include "lib/json/json.h"

#include <stdbool.h>
#include <stdint.h>

struct db_rows;

void db_rows_free(struct db_rows *rows); // NULL is fine
void db_rows_free_cleanup(struct db_rows **rows);
size_t db_rows_count(const struct db_rows *rows);
size_t db_rows_columns(const struct db_rows *rows);
const char *db_rows_column_name(const struct db_rows *rows, size_t column);
int db_rows_column(const struct db_rows *rows, const char *name); // -1 when there is none
uint64_t db_rows_affected(const struct db_rows *rows);            // of insert, update, delete

bool db_rows_is_null(const struct db_rows *rows, size_t row, int column);
// Text, varchar, name, json and jsonb as their bytes; valid while rows lives; absent when NULL.
struct slice db_rows_text(const struct db_rows *rows, size_t row, int column);
int64_t db_rows_int(const struct db_rows *rows, size_t row,
                    int column); // int2, int4, int8; 0 when NULL
double db_rows_double(const struct db_rows *rows, size_t row,
                      int column); // float4, float8, ints, numeric
bool db_rows_bool(const struct db_rows *rows, size_t row, int column);
// Any type the renderer knows as the text of its JSON string: uuid, date, timestamptz (RFC 3339,
// UTC, Z) … in the arena.
struct slice db_rows_value_text(const struct db_rows *rows, size_t row, int column,
                                struct arena *arena);

// One value as JSON: bool, numbers (numeric exactly), text, uuid, date, time, timestamp,
// timestamptz, interval (ISO 8601), json/jsonb (passed through), arrays of these; infinities and
// NaN are null. A type that is not in the table (type.c) is a programming error (ensure), found by
// db_check_statements: cast it, an enum to text for instance.
void db_rows_render_value(const struct db_rows *rows, size_t row, int column,
                          struct json_writer *w);
// One row as an object of its columns. Columns whose name begins with '_' are for the program and
// are left out, except that a column named _item (a json object) stands for the whole; visible
// columns beside it become further members of that object.
void db_rows_render_row(const struct db_rows *rows, size_t row, struct json_writer *w);
