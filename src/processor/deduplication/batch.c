#include "processor/deduplication/batch.h"

#include "lib/base/digest.h"
#include "statements.gen.h"

#include <stdlib.h>
#include <string.h>

static int compare_profiles(const void *a, const void *b)
{
    return slice_compare(((const struct profile *)a)->id, ((const struct profile *)b)->id);
}

static size_t collect_ids(struct arena *arena, const struct group *groups, size_t count,
                          struct slice **ret_ids)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += groups[i].count;
    struct slice *ids = *ret_ids = ARENA_ARRAY(arena, total + 1, struct slice);
    total = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < groups[i].count; j++)
            ids[total++] = groups[i].ids[j];
    return slice_sort_unique(ids, total);
}

// The profiles of those who are still themselves.
static enum err load_profiles(const struct batch_source *source, struct db_value ids,
                              struct batch *batch, struct error *ret_error)
{
    static const struct db_statement *const statements[MATCH_KIND_COUNT] = {
        [MATCH_SPEAKERS] = &sql_duplicates_get_speaker_profiles,
        [MATCH_COMPANIES] = &sql_duplicates_get_company_profiles,
        [MATCH_EVENTS] = &sql_duplicates_get_event_profiles,
    };
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err =
        db_session_query(source->session, statements[source->kind], &ids, &rows, ret_error);
    size_t count = err ? 0 : db_rows_count(rows);
    batch->profiles = ARENA_ARRAY(source->arena, count + 1, struct profile);
    for (size_t i = 0; i < count && !err; i++) {
        yyjson_val *json;
        if (!db_rows_is_null(rows, i, db_rows_column(rows, "_merged_into")))
            continue;
        struct slice text = db_rows_text(rows, i, db_rows_column(rows, "profile"));
        err = json_parse(source->arena, arena_slice(source->arena, text), &json, ret_error);
        if (!err)
            profile_read(source->arena, source->kind, json,
                         &batch->profiles[batch->profile_count++]);
    }
    if (batch->profile_count)
        qsort(batch->profiles, batch->profile_count, sizeof *batch->profiles, compare_profiles);
    batch->are_gone = ARENA_ARRAY(source->arena, count + 1, bool);
    return err;
}

const struct profile *batch_find(const struct batch *batch, struct slice id)
{
    const struct profile key = {.id = id};
    return bsearch(&key, batch->profiles, batch->profile_count, sizeof key, compare_profiles);
}

// Two ids in their order as a number; two pairs never have the same for what people will ever store.
uint64_t batch_fingerprint(struct slice a, struct slice b)
{
    char text[2 * UUID_TEXT];
    size_t of_a = a.len < UUID_TEXT ? a.len : UUID_TEXT,
           of_b = b.len < UUID_TEXT ? b.len : UUID_TEXT;
    memcpy(text, a.ptr, of_a);
    memcpy(text + of_a, b.ptr, of_b);
    return digest_fnv1a((struct slice){text, of_a + of_b});
}

static int compare_fingerprints(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// Pairs that somebody has decided about are not looked at again.
static enum err load_decided(const struct batch_source *source, struct db_value ids,
                             struct batch *batch, struct error *ret_error)
{
    static const struct slice decided[] = {SLICE_INIT("merged"), SLICE_INIT("deferred"),
                                           SLICE_INIT("distinct")};
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_cstr(entity_kind_names[source->kind]), ids,
                                      db_text_array(source->arena, decided, ARRAY_LEN(decided))};
    enum err err =
        db_session_query(source->session, &sql_duplicates_find_decided, values, &rows, ret_error);
    batch->decided_count = err ? 0 : db_rows_count(rows);
    batch->decided_pairs = ARENA_ARRAY(source->arena, batch->decided_count + 1, uint64_t);
    for (size_t i = 0; i < batch->decided_count; i++)
        batch->decided_pairs[i] = batch_fingerprint(db_rows_value_text(rows, i, 0, source->arena),
                                                    db_rows_value_text(rows, i, 1, source->arena));
    if (batch->decided_count)
        qsort(batch->decided_pairs, batch->decided_count, sizeof *batch->decided_pairs,
              compare_fingerprints);
    return err;
}

bool batch_is_decided(const struct batch *batch, uint64_t fingerprint)
{
    return bsearch(&fingerprint, batch->decided_pairs, batch->decided_count, sizeof fingerprint,
                   compare_fingerprints);
}

enum err batch_load(const struct batch_source *source, const struct group *groups, size_t count,
                    struct batch *ret_batch, struct error *ret_error)
{
    struct slice *ids;
    *ret_batch = (struct batch){0};
    size_t id_count = collect_ids(source->arena, groups, count, &ids);
    const struct db_value wanted = db_text_array(source->arena, ids, id_count);
    ret_batch->finds = ARENA_ARRAY(source->arena, groups_pairs(groups, count) + 1, struct find);
    enum err err = load_profiles(source, wanted, ret_batch, ret_error);
    return err ? err : load_decided(source, wanted, ret_batch, ret_error);
}
