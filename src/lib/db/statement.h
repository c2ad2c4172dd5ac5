// Statements: one .sql file each under sql/queries, embedded at build by embed_sql.py.
//
// A file sql/queries/events/list_events.sql becomes the constant sql_events_list_events. Its head
// comment:
//
//   -- What it answers, in a sentence or more.
//   -- param: location text -- what it means
//   -- param: limit int
//   -- index: events_date_idx
//
// and its text uses :location, :limit (never inside a literal or comment; '::' stays a cast). A
// param may be marked `optional`: lines between `--? name` and `--.` stand only in the variant in
// which that parameter is given (`--? a|b`: any of them; `--? !a`: only when a is absent; `--? a|b
// !c &d`: all three conditions). Blocks do not nest. So a list with twenty filters is one readable file,
// each combination in use is its own prepared statement with its own plan, and no value is ever
// pasted into SQL. `--+ events/_filters` stands for the lines and parameters of
// sql/queries/events/_filters.sql: a part that several statements share. A parameter of type `flag`
// has no value, only its being given counts.
//
// A statement that begins with select or with and names nothing that writes is taken for one that
// only reads (sql_text.h), and reads may share a transaction and be repeated (pipeline.h). One that
// changes something through a function says so in its head: `-- writes: what it changes`.
// db_check_statements refuses a read that calls a volatile function of ours.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DB_MAX_PARAMS = 64 };

struct db_param {
    const char *name;
    const char *type; // PostgreSQL type name, as in the head comment
    bool optional;
};

// A run of text, there under a condition on optional parameters.
struct db_fragment {
    const char *text; // parameters are written as :name here
    uint64_t any_of;  // bit i: optional parameter i given; 0: always
    uint64_t none_of; // all of these absent; 0: no condition
    uint64_t and_of;  // any of these given too; 0: no condition
};

struct db_statement {
    const char *name; // "events/list_events"
    const struct db_param *params;
    size_t param_count;
    const struct db_fragment *fragments;
    size_t fragment_count;
};

// All of them, sorted by name (generated).
extern const struct db_statement *const db_statements[];
extern const size_t db_statement_count;
const struct db_statement *db_statement_find(const char *name); // NULL when there is none

// One parameter's value, sent as text with the declared type. Absent text is NULL.
struct db_value {
    struct slice text; // absent: SQL NULL
    bool given;        // false: not given (allowed only for optional parameters)
};

static inline struct db_value db_null(void)
{
    return (struct db_value){.given = true};
}
static inline struct db_value db_text(struct slice text) // absent gives NULL
{
    return (struct db_value){.text = text, .given = true};
}
static inline struct db_value db_cstr(const char *text)
{
    return db_text(slice_from_cstr(text));
}
struct db_value db_int(struct arena *arena, int64_t value);
struct db_value db_double(struct arena *arena, double value);
static inline struct db_value db_bool(bool value)
{
    return db_text(value ? SLICE("true") : SLICE("false"));
}
// A PostgreSQL array literal of texts, quoted and escaped: for parameters of type text[] or uuid[].
struct db_value db_text_array(struct arena *arena, const struct slice *items, size_t count);

// Position of a parameter by name, or -1.
int db_param_index(const struct db_statement *statement, const char *name);

// The bit mask of given optional parameters (bit i: params[i] is optional and given).
uint64_t db_variant_mask(const struct db_statement *statement, const struct db_value *values);
// The SQL text of one variant with $1…$n, and for each $ the position in params (ret_order,
// DB_MAX_PARAMS long). Only parameters that the variant's text uses are numbered.
char *db_variant_text(struct arena *arena, const struct db_statement *statement, uint64_t mask,
                      int *ret_order, size_t *ret_count);
