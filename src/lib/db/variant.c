#include "lib/db/variant.h"

#include "lib/base/ensure.h"
#include "lib/db/sql_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct db_variant **bucket_of(struct db_variants *variants,
                                     const struct db_statement *statement, uint64_t mask)
{
    // Fibonacci hashing: the high bits of a product with 2^64 / golden ratio are well mixed.
    uint64_t key = ((uint64_t)(uintptr_t)statement >> 4) ^ (mask * 31);
    return &variants->buckets[(key * 0x9e3779b97f4a7c15u) >> 56];
}
static_assert(DB_VARIANT_BUCKETS == 1 << 8);

static void unlink_age(struct db_variants *variants, struct db_variant *variant)
{
    *(variant->newer ? &variant->newer->older : &variants->newest) = variant->older;
    *(variant->older ? &variant->older->newer : &variants->oldest) = variant->newer;
}

static void link_newest(struct db_variants *variants, struct db_variant *variant)
{
    variant->newer = NULL;
    variant->older = variants->newest;
    *(variants->newest ? &variants->newest->newer : &variants->oldest) = variant;
    variants->newest = variant;
}

struct db_variant *db_variants_find(struct db_variants *variants,
                                    const struct db_statement *statement, uint64_t mask)
{
    struct db_variant *variant = *bucket_of(variants, statement, mask);
    while (variant && (variant->statement != statement || variant->mask != mask))
        variant = variant->next_in_bucket;
    if (variant && variant != variants->newest) {
        unlink_age(variants, variant);
        link_newest(variants, variant);
    }
    return variant;
}

struct db_variant *db_variants_add(struct db_variants *variants,
                                   const struct db_statement *statement, uint64_t mask,
                                   struct arena *arena, char **ret_text)
{
    struct db_variant *variant = calloc(1, sizeof *variant);
    ensure(variant != NULL);
    int order[DB_MAX_PARAMS];
    size_t count;
    *ret_text = db_variant_text(arena, statement, mask, order, &count);
    variant->statement = statement;
    variant->mask = mask;
    variant->serial = ++variants->last_serial;
    variant->reads = sql_only_reads(*ret_text);
    variant->param_count = (uint8_t)count;
    for (size_t i = 0; i < count; i++)
        variant->order[i] = (uint8_t)order[i];
    snprintf(variant->name, sizeof variant->name, "s%llu_%llx", (unsigned long long)variant->serial,
             (unsigned long long)mask);
    struct db_variant **bucket = bucket_of(variants, statement, mask);
    variant->next_in_bucket = *bucket;
    *bucket = variant;
    link_newest(variants, variant);
    variants->count++;
    return variant;
}

struct db_variant *db_variants_surplus(struct db_variants *variants)
{
    return variants->count < DB_MAX_VARIANTS ? NULL : variants->oldest;
}

void db_variants_drop(struct db_variants *variants, struct db_variant *variant)
{
    struct db_variant **at = bucket_of(variants, variant->statement, variant->mask);
    while (*at != variant)
        at = &(*at)->next_in_bucket;
    *at = variant->next_in_bucket;
    unlink_age(variants, variant);
    variants->count--;
    free(variant);
}

void db_variants_clear(struct db_variants *variants)
{
    while (variants->oldest)
        db_variants_drop(variants, variants->oldest);
}

size_t db_values_size(const struct db_statement *statement, const struct db_value *values)
{
    size_t size = 0;
    for (size_t i = 0; i < statement->param_count; i++)
        if (values[i].text.ptr)
            size += values[i].text.len + 1;
    return size;
}

void db_values_copy(const struct db_statement *statement, const struct db_value *values,
                    char *storage, const char **ret_texts)
{
    for (size_t i = 0; i < statement->param_count; i++) {
        ret_texts[i] = NULL;
        if (!values[i].text.ptr)
            continue;
        ret_texts[i] = storage;
        storage = mempcpy(storage, values[i].text.ptr, values[i].text.len);
        *storage++ = '\0';
    }
}

enum err db_values_check(const struct db_statement *statement, const struct db_value *values,
                         struct error *ret_error)
{
    for (size_t i = 0; i < statement->param_count; i++)
        if (values[i].text.len && memchr(values[i].text.ptr, '\0', values[i].text.len))
            return error_set(ret_error, ERR_DATABASE_ERROR, "22021: %s: %s has a zero byte in it",
                             statement->name, statement->params[i].name);
    return ERR_OK;
}

void db_variant_bind(const struct db_variant *variant, const char *const *texts,
                     const char *ret_bound[static DB_MAX_PARAMS])
{
    for (size_t i = 0; i < variant->param_count; i++)
        ret_bound[i] = texts[variant->order[i]];
}
