#include "lib/db/rows.h"

#include "lib/base/ensure.h"
#include "lib/db/rows_result.h"
#include "lib/db/type.h"

#include <string.h>

enum { MAX_VALUE_TEXT = 64 * 1024 * 1024 };

struct column {
    const struct db_type *type; // NULL: not in the table
    bool is_array;
    bool is_private; // its name begins with '_'
};

// Lives in the memory of its own result.
struct db_rows {
    PGresult *result;
    int columns, item; // item: the column named _item, or -1
    struct column column[];
};

struct db_rows *db_rows_from_result(PGresult *result)
{
    int columns = PQnfields(result);
    struct db_rows *rows =
        PQresultAlloc(result, sizeof *rows + (size_t)columns * sizeof rows->column[0]);
    ensure(rows != NULL);
    rows->result = result;
    rows->columns = columns;
    rows->item = -1;
    for (int i = 0; i < columns; i++) {
        struct column *column = &rows->column[i];
        const char *name = PQfname(result, i);
        column->type = db_type_find(PQftype(result, i), &column->is_array);
        column->is_private = name[0] == '_';
        if (column->is_private && strcmp(name, "_item") == 0)
            rows->item = i;
    }
    return rows;
}

void db_rows_free(struct db_rows *rows)
{
    if (rows)
        PQclear(rows->result);
}

void db_rows_free_cleanup(struct db_rows **rows)
{
    db_rows_free(*rows);
    *rows = NULL;
}

size_t db_rows_count(const struct db_rows *rows)
{
    return (size_t)PQntuples(rows->result);
}

size_t db_rows_columns(const struct db_rows *rows)
{
    return (size_t)rows->columns;
}

const char *db_rows_column_name(const struct db_rows *rows, size_t column)
{
    ensure(column < db_rows_columns(rows));
    return PQfname(rows->result, (int)column);
}

int db_rows_column(const struct db_rows *rows, const char *name)
{
    for (int i = 0; i < rows->columns; i++)
        if (strcmp(PQfname(rows->result, i), name) == 0)
            return i;
    return -1;
}

uint64_t db_rows_affected(const struct db_rows *rows)
{
    int64_t count;
    return slice_to_int(slice_from_cstr(PQcmdTuples(rows->result)), &count) ? (uint64_t)count : 0;
}

// The bytes of a value, absent for NULL; a row or column that is not there is a broken invariant.
static struct slice value(const struct db_rows *rows, size_t row, int column)
{
    ensure(row < db_rows_count(rows) && column >= 0 && column < rows->columns);
    if (PQgetisnull(rows->result, (int)row, column))
        return (struct slice){0};
    return (struct slice){PQgetvalue(rows->result, (int)row, column),
                          (size_t)PQgetlength(rows->result, (int)row, column)};
}

static const struct db_type *scalar_type(const struct db_rows *rows, int column)
{
    const struct column *c = &rows->column[column];
    ensure(c->type != NULL && !c->is_array);
    return c->type;
}

bool db_rows_is_null(const struct db_rows *rows, size_t row, int column)
{
    return !value(rows, row, column).ptr;
}

struct slice db_rows_text(const struct db_rows *rows, size_t row, int column)
{
    struct slice bytes = value(rows, row, column);
    return bytes.ptr ? db_type_text(scalar_type(rows, column), bytes) : bytes;
}

int64_t db_rows_int(const struct db_rows *rows, size_t row, int column)
{
    struct slice bytes = value(rows, row, column);
    return bytes.ptr ? db_type_int(scalar_type(rows, column), bytes) : 0;
}

double db_rows_double(const struct db_rows *rows, size_t row, int column)
{
    struct slice bytes = value(rows, row, column);
    return bytes.ptr ? db_type_double(scalar_type(rows, column), bytes) : 0;
}

bool db_rows_bool(const struct db_rows *rows, size_t row, int column)
{
    struct slice bytes = value(rows, row, column);
    return bytes.ptr && db_type_bool(scalar_type(rows, column), bytes);
}

struct slice db_rows_value_text(const struct db_rows *rows, size_t row, int column,
                                struct arena *arena)
{
    struct slice bytes = value(rows, row, column);
    if (!bytes.ptr)
        return bytes;
    const struct column *c = &rows->column[column];
    ensure(c->type != NULL);
    struct buffer CLEANUP(buffer_done) text;
    buffer_init(&text, MAX_VALUE_TEXT);
    bool has_text = true;
    if (c->is_array)
        db_type_append_json(c->type, true, bytes, &text);
    else
        has_text = c->type->append(&text, bytes);
    ensure(!text.overflow);
    return has_text ? arena_slice(arena, buffer_slice(&text)) : (struct slice){0};
}

void db_rows_render_value(const struct db_rows *rows, size_t row, int column, struct json_writer *w)
{
    struct slice bytes = value(rows, row, column);
    const struct column *c = &rows->column[column];
    ensure(c->type != NULL);
    json_raw(w, SLICE("")); // the comma, where one is due
    db_type_append_json(c->type, c->is_array, bytes, w->out);
}

static void render_columns(const struct db_rows *rows, size_t row, struct json_writer *w)
{
    for (int i = 0; i < rows->columns; i++) {
        if (rows->column[i].is_private)
            continue;
        json_key(w, PQfname(rows->result, i));
        db_rows_render_value(rows, row, i, w);
    }
}

// The object of _item, opened again for the other columns.
static void render_item(const struct db_rows *rows, size_t row, struct json_writer *w)
{
    struct slice item = slice_trim(db_rows_text(rows, row, rows->item));
    bool is_object = item.len >= 2 && item.ptr[0] == '{' && item.ptr[item.len - 1] == '}';
    if (!is_object) {
        json_raw(w, item);
        return;
    }
    struct slice members = slice_trim(slice_sub(item, 1, item.len - 2));
    json_begin_object(w);
    if (members.len)
        json_raw(w, members);
    render_columns(rows, row, w);
    json_end_object(w);
}

void db_rows_render_row(const struct db_rows *rows, size_t row, struct json_writer *w)
{
    if (rows->item >= 0) {
        render_item(rows, row, w);
        return;
    }
    json_begin_object(w);
    render_columns(rows, row, w);
    json_end_object(w);
}
