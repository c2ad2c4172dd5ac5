#include "processor/deduplication/groups.h"

#include "lib/json/json.h"
#include "statements.gen.h"

#include <math.h>

enum {
    READ_ROWS = 50000,      // of keys, at once
    CHANGED_AT_ONCE = 1000, // whose keys are read together
    ARENA_BYTES = 64 * 1024 * 1024,
};

void groups_init(struct groups *groups, struct db_session *session, enum match_kind kind)
{
    *groups = (struct groups){
        .session = session, .kind = kind, .arena = arena_new(ARENA_BYTES), .behind = INT64_MIN};
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

static size_t changed_at_once(const struct groups *groups)
{
    size_t left = groups->changed_count - groups->changed_from;
    return left < CHANGED_AT_ONCE ? left : CHANGED_AT_ONCE;
}

// All keys have been read: of these, or of all there is.
static void turn_to_next_changed(struct groups *groups)
{
    groups->changed_from += groups->changed ? changed_at_once(groups) : 0;
    groups->is_at_end = !groups->changed || groups->changed_from >= groups->changed_count;
    groups->behind = INT64_MIN;
}

static enum err read_groups(struct groups *groups, struct error *ret_error)
{
    static const struct db_statement *const statements[MATCH_KIND_COUNT] = {
        [MATCH_SPEAKERS] = &sql_duplicates_find_speaker_groups,
        [MATCH_COMPANIES] = &sql_duplicates_find_company_groups,
        [MATCH_EVENTS] = &sql_duplicates_find_event_groups,
    };
    const struct db_statement *statement = statements[groups->kind];
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct db_value values[3] = {0};
    values[db_param_index(statement, "behind")] = db_int(groups->arena, groups->behind);
    values[db_param_index(statement, "limit")] = db_int(groups->arena, READ_ROWS);
    if (groups->changed)
        values[db_param_index(statement, "changed")] = db_text_array(
            groups->arena, groups->changed + groups->changed_from, changed_at_once(groups));
    enum err err = db_session_query(groups->session, statement, values, &rows, ret_error);
    size_t count = err ? 0 : db_rows_count(rows);
    groups->items =
        ARENA_ARRAY(groups->arena, count + READ_ROWS / GROUPS_MAX_MEMBERS + 1, struct group);
    int next = err ? 0 : db_rows_column(rows, "next"), ids = err ? 0 : db_rows_column(rows, "ids");
    if (!err && !db_rows_is_null(rows, 0, next))
        groups->behind = db_rows_int(rows, 0, next);
    else
        turn_to_next_changed(groups);
    for (size_t i = 0; i < count && !err; i++)
        if (!db_rows_is_null(rows, i, ids))
            err = take_group(groups, rows, i, ret_error);
    return err;
}

double groups_share_read(const struct groups *groups)
{
    if (groups->is_at_end)
        return 1;
    double of_keys = ((double)groups->behind - (double)INT64_MIN) / exp2(64);
    double part = (double)changed_at_once(groups);
    return groups->changed
               ? ((double)groups->changed_from + of_keys * part) / (double)groups->changed_count
               : of_keys;
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
    return read_groups(groups, ret_error);
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
