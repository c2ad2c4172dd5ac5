// The prepared statements of one connection: for each variant of a statement (see statement.h) its
// name there. Bounded: the one that was not used for longest makes room. Used by session.c and
// pipeline*.c.
#pragma once

#include "lib/base/error.h"
#include "lib/db/statement.h"

enum { DB_MAX_VARIANTS = 512, DB_VARIANT_BUCKETS = 256, DB_VARIANT_NAME = 40 };

struct db_variant {
    const struct db_statement *statement;
    uint64_t mask;
    uint64_t serial;            // never used twice on a connection
    char name[DB_VARIANT_NAME]; // "s12_5": serial and mask
    bool reads;                 // sql_only_reads
    uint8_t param_count;
    uint8_t order[DB_MAX_PARAMS]; // position in statement->params of each $
    struct db_variant *next_in_bucket, *newer, *older;
    // For pipeline_send.c: what an execution costs, and what it was sent with last.
    int64_t cost_us; // 0: not known yet
    uint64_t group;
    bool suspected;
};

// Zero-initialise it.
struct db_variants {
    struct db_variant *buckets[DB_VARIANT_BUCKETS];
    struct db_variant *newest, *oldest;
    size_t count;
    uint64_t last_serial;
};

// NULL when it is not there; otherwise it becomes the newest.
struct db_variant *db_variants_find(struct db_variants *variants,
                                    const struct db_statement *statement, uint64_t mask);
// Adds one that is not there. ret_text: what to prepare under its name, in the arena.
struct db_variant *db_variants_add(struct db_variants *variants,
                                   const struct db_statement *statement, uint64_t mask,
                                   struct arena *arena, char **ret_text);
// The one to close on the server and drop before the next is added; NULL while there is room.
struct db_variant *db_variants_surplus(struct db_variants *variants);
void db_variants_drop(struct db_variants *variants, struct db_variant *variant);
void db_variants_clear(struct db_variants *variants); // the connection is gone

// Values as libpq wants them: zero-terminated texts by position in statement->params, NULL for SQL
// NULL. storage needs db_values_size bytes. A value with a zero byte inside is refused as
// PostgreSQL would (22021).
size_t db_values_size(const struct db_statement *statement, const struct db_value *values);
void db_values_copy(const struct db_statement *statement, const struct db_value *values,
                    char *storage, const char **ret_texts);
MUST_CHECK enum err db_values_check(const struct db_statement *statement,
                                    const struct db_value *values, struct error *ret_error);
// The texts in the order of the variant's $.
void db_variant_bind(const struct db_variant *variant, const char *const *texts,
                     const char *ret_bound[static DB_MAX_PARAMS]);
