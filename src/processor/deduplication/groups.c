#include "processor/deduplication/groups.h"

#include "lib/json/json.h"
#include "statements.gen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    READ_ROWS = 50000, // of keys, at once
    READ_PAIRS = 10000,
    ARENA_BYTES = 64 * 1024 * 1024,
};

void groups_init(struct groups *groups, struct db_session *session, enum match_kind kind)
{
    static const char first[] = "00000000-0000-0000-0000-000000000000";
    *groups = (struct groups){
        .session = session, .kind = kind, .arena = arena_new(ARENA_BYTES), .behind = INT64_MIN};
    snprintf(groups->last[0], sizeof groups->last[0], "%s", first);
    snprintf(groups->last[1], sizeof groups->last[1], "%s", first);
}

void groups_done(struct groups *groups)
{
    arena_free(groups->arena);
    *groups = (struct groups){0};
}

static enum err take_group(struct groups *groups, const struct db_rows *rows, size_t row,
                           struct error *ret_error)
{
    yyjson_val *ids, *id;
    size_t i, most;
    struct slice text = db_rows_text(rows, row, db_rows_column(rows, "ids"));
    enum err err = json_parse(groups->arena, arena_slice(groups->arena, text), &ids, ret_error);
    if (err)
        return err;
    groups->cut += yyjson_arr_size(ids) > GROUPS_MAX_MEMBERS;
    struct slice *members = ARENA_ARRAY(groups->arena, yyjson_arr_size(ids) + 1, struct slice);
    yyjson_arr_foreach (ids, i, most, id)
        members[i] = (struct slice){yyjson_get_str(id), yyjson_get_len(id)};
    for (size_t from = 0; from + 1 < yyjson_arr_size(ids); from += GROUPS_MAX_MEMBERS) {
        size_t left = yyjson_arr_size(ids) - from;
        groups->items[groups->count++] =
            (struct group){members + from, left < GROUPS_MAX_MEMBERS ? left : GROUPS_MAX_MEMBERS};
    }
    return ERR_OK;
}

// By keys: people and companies.
static enum err read_keyed(struct groups *groups, struct error *ret_error)
{
    const struct db_statement *statement = groups->kind == MATCH_SPEAKERS
                                               ? &sql_duplicates_find_speaker_groups
                                               : &sql_duplicates_find_company_groups;
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct db_value values[] = {
        db_int(groups->arena, groups->behind), db_int(groups->arena, READ_ROWS), {.given = false}};
    if (groups->changed)
        values[2] = db_text_array(groups->arena, groups->changed, groups->changed_count);
    enum err err = db_session_query(groups->session, statement, values, &rows, ret_error);
    size_t count = err ? 0 : db_rows_count(rows);
    groups->items =
        ARENA_ARRAY(groups->arena, count + READ_ROWS / GROUPS_MAX_MEMBERS + 1, struct group);
    int next = err ? 0 : db_rows_column(rows, "next"), ids = err ? 0 : db_rows_column(rows, "ids");
    groups->is_at_end = err || db_rows_is_null(rows, 0, next);
    if (!groups->is_at_end)
        groups->behind = db_rows_int(rows, 0, next);
    for (size_t i = 0; i < count && !err; i++)
        if (!db_rows_is_null(rows, i, ids))
            err = take_group(groups, rows, i, ret_error);
    return err;
}

// By pairs: events.
static enum err read_pairs(struct groups *groups, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_cstr(groups->last[0]), db_cstr(groups->last[1]),
                                      db_int(groups->arena, READ_PAIRS)};
    enum err err = db_session_query(groups->session, &sql_duplicates_find_event_pairs, values,
                                    &rows, ret_error);
    size_t count = err ? 0 : db_rows_count(rows);
    groups->items = ARENA_ARRAY(groups->arena, count + 1, struct group);
    for (size_t i = 0; i < count; i++) {
        struct slice *ids = ARENA_ARRAY(groups->arena, 2, struct slice);
        for (int j = 0; j < 2; j++) {
            ids[j] = db_rows_value_text(rows, i, j, groups->arena);
            snprintf(groups->last[j], sizeof groups->last[j], "%.*s", SLICE_FMT(ids[j]));
        }
        groups->items[groups->count++] = (struct group){ids, 2};
    }
    groups->is_at_end = count < READ_PAIRS;
    return err;
}

double groups_share_read(const struct groups *groups)
{
    if (groups->is_at_end)
        return 1;
    if (groups->kind != MATCH_EVENTS)
        return ((double)groups->behind - (double)INT64_MIN) / exp2(64);
    char head[9];
    snprintf(head, sizeof head, "%.8s", groups->last[0]);
    return (double)strtoul(head, NULL, 16) / exp2(32);
}

size_t groups_pairs(const struct group *groups, size_t count)
{
    size_t pairs = 0;
    for (size_t i = 0; i < count; i++)
        pairs += groups[i].count * (groups[i].count - 1) / 2;
    return pairs;
}

static enum err read_more(struct groups *groups, struct error *ret_error)
{
    arena_reset(groups->arena);
    groups->count = groups->at = 0;
    return groups->kind == MATCH_EVENTS ? read_pairs(groups, ret_error)
                                        : read_keyed(groups, ret_error);
}

enum err groups_next(struct groups *groups, const struct group **ret_groups, size_t *ret_count,
                     struct error *ret_error)
{
    *ret_count = 0;
    while (groups->at == groups->count && !groups->is_at_end) {
        enum err err = read_more(groups, ret_error);
        if (err)
            return err;
    }
    size_t members = 0, pairs = 0, from = groups->at;
    while (groups->at < groups->count) {
        members += groups->items[groups->at].count;
        pairs += groups_pairs(&groups->items[groups->at], 1);
        if (groups->at > from && (members > GROUPS_MAX_BATCH_IDS || pairs > GROUPS_MAX_BATCH_PAIRS))
            break;
        groups->at++;
    }
    *ret_groups = &groups->items[from];
    *ret_count = groups->at - from;
    return ERR_OK;
}
