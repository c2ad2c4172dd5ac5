#include "lib/db/statement.h"

#include "lib/base/buffer.h"
#include "lib/base/ensure.h"
#include "lib/db/sql_text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT_BYTES = 1024 * 1024 };

static int compare_name(const void *name, const void *entry)
{
    const struct db_statement *const *statement = entry;
    return strcmp(name, (*statement)->name);
}

const struct db_statement *db_statement_find(const char *name)
{
    const struct db_statement *const *found =
        bsearch(name, db_statements, db_statement_count, sizeof(db_statements[0]), compare_name);
    return found ? *found : NULL;
}

struct db_value db_int(struct arena *arena, int64_t value)
{
    return db_cstr(arena_printf(arena, "%lld", (long long)value));
}

struct db_value db_double(struct arena *arena, double value)
{
    return db_cstr(arena_printf(arena, "%.17g", value));
}

// Every element stands in quotes, so that only a quote and a backslash need care; a bare NULL is
// the absent one.
struct db_value db_text_array(struct arena *arena, const struct slice *items, size_t count)
{
    size_t size = sizeof "{}";
    for (size_t i = 0; i < count; i++)
        size += 2 * items[i].len + sizeof "\"\",NULL";
    char *text = arena_alloc(arena, size), *out = text;
    *out++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *out++ = ',';
        if (!items[i].ptr) {
            out = mempcpy(out, "NULL", 4);
            continue;
        }
        *out++ = '"';
        for (size_t k = 0; k < items[i].len; k++) {
            char c = items[i].ptr[k];
            if (c == '"' || c == '\\')
                *out++ = '\\';
            *out++ = c;
        }
        *out++ = '"';
    }
    *out++ = '}';
    return db_text((struct slice){text, (size_t)(out - text)});
}

static int param_index(const struct db_statement *statement, const char *name, size_t len)
{
    for (size_t i = 0; i < statement->param_count; i++) {
        const char *candidate = statement->params[i].name;
        if (strncmp(candidate, name, len) == 0 && candidate[len] == '\0')
            return (int)i;
    }
    return -1;
}

int db_param_index(const struct db_statement *statement, const char *name)
{
    return param_index(statement, name, strlen(name));
}

uint64_t db_variant_mask(const struct db_statement *statement, const struct db_value *values)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < statement->param_count; i++) {
        ensure(values[i].given || statement->params[i].optional);
        if (values[i].given && statement->params[i].optional)
            mask |= (uint64_t)1 << i;
    }
    return mask;
}

struct numbering {
    const struct db_statement *statement;
    int *order; // parameter of each $, in the order of first use
    size_t count;
};

static size_t numbering_of(struct numbering *numbering, int param)
{
    for (size_t i = 0; i < numbering->count; i++)
        if (numbering->order[i] == param)
            return i + 1;
    ensure(numbering->count < DB_MAX_PARAMS);
    numbering->order[numbering->count] = param;
    return ++numbering->count;
}

// In parentheses, so that what follows in the file (a subscript, another cast) applies to the
// value.
static void append_param(struct buffer *text, struct numbering *numbering, const char *name,
                         size_t len)
{
    int param = param_index(numbering->statement, name, len);
    ensure(param >= 0);
    buffer_printf(text, "($%zu::%s)", numbering_of(numbering, param),
                  numbering->statement->params[param].type);
}

static void append_fragment(struct buffer *text, struct numbering *numbering, const char *sql)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz_";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    while (*sql) {
        if (*sql == ':' && sql[1] && strchr(first, sql[1])) {
            size_t len = strspn(sql + 1, rest);
            append_param(text, numbering, sql + 1, len);
            sql += 1 + len;
            continue;
        }
        const char *end = sql_token_end(sql);
        buffer_append(text, (struct slice){sql, (size_t)(end - sql)});
        sql = end;
    }
}

static bool fragment_stands(const struct db_fragment *fragment, uint64_t mask)
{
    return (fragment->any_of == 0 || (fragment->any_of & mask)) && !(fragment->none_of & mask) &&
           (fragment->and_of == 0 || (fragment->and_of & mask));
}

char *db_variant_text(struct arena *arena, const struct db_statement *statement, uint64_t mask,
                      int *ret_order, size_t *ret_count)
{
    ensure(statement->param_count <= DB_MAX_PARAMS);
    struct numbering numbering = {.statement = statement, .order = ret_order};
    struct buffer CLEANUP(buffer_done) text;
    buffer_init(&text, MAX_TEXT_BYTES);
    for (size_t i = 0; i < statement->fragment_count; i++)
        if (fragment_stands(&statement->fragments[i], mask))
            append_fragment(&text, &numbering, statement->fragments[i].text);
    ensure(!text.overflow);
    *ret_count = numbering.count;
    return arena_cstr(arena, buffer_slice(&text));
}
