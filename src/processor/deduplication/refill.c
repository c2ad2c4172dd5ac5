#include "processor/deduplication/refill.h"

#include "processor/deduplication/profile.h"
#include "statements.gen.h"

enum { STEP_ROWS = 500, ARENA_BYTES = 256 * 1024 * 1024, MAX_JSON_BYTES = 16 * 1024 * 1024 };

static const struct {
    enum match_kind kind;
    const struct db_statement *find, *add_keys, *mark;
} sorts[] = {
    {MATCH_SPEAKERS, &sql_speakers_find_unkeyed, &sql_speakers_add_keys, &sql_speakers_mark_keyed},
    {MATCH_COMPANIES, &sql_companies_find_unkeyed, &sql_companies_add_keys,
     &sql_companies_mark_keyed},
    {MATCH_EVENTS, &sql_events_find_unkeyed, &sql_events_add_keys, &sql_events_mark_keyed},
};

static void write_row(struct json_writer *w, struct slice id, const struct match_key *keys,
                      size_t count)
{
    json_begin_object(w);
    json_key(w, "id");
    json_text(w, id);
    json_key(w, "keys");
    profile_write_keys(w, keys, count);
    json_end_object(w);
}

// The rows' keys as add_keys takes them; fills their ids.
static enum err render_keys(struct arena *arena, enum match_kind kind, const struct db_rows *rows,
                            struct slice *ret_ids, struct slice *ret_keys, struct error *ret_error)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    enum err err = ERR_OK;
    json_begin_array(&w);
    for (size_t i = 0; i < db_rows_count(rows) && !err; i++) {
        yyjson_val *json;
        struct profile profile;
        size_t count;
        struct slice member = db_rows_text(rows, i, db_rows_column(rows, "profile"));
        ret_ids[i] = db_rows_value_text(rows, i, db_rows_column(rows, "id"), arena);
        err = json_parse(arena, arena_slice(arena, member), &json, ret_error);
        if (err)
            break;
        profile_read(arena, kind, json, &profile);
        struct match_key *keys = profile_keys(arena, &profile, &count);
        write_row(&w, ret_ids[i], keys, count);
    }
    json_end_array(&w);
    *ret_keys = arena_slice(arena, buffer_slice(&text));
    return err;
}

static enum err refill_rows(struct db_session *session, struct arena *arena, size_t sort,
                            size_t *ret_count, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value version = db_int(arena, MATCH_KEYS_VERSION);
    const struct db_value find[] = {version, db_int(arena, STEP_ROWS)};
    struct slice ids[STEP_ROWS], keys;
    enum err err = db_session_query(session, sorts[sort].find, find, &rows, ret_error);
    *ret_count = err ? 0 : db_rows_count(rows);
    if (err || *ret_count == 0)
        return err;
    err = render_keys(arena, sorts[sort].kind, rows, ids, &keys, ret_error);
    const struct db_value add[] = {db_text(keys)};
    if (!err)
        err = db_session_query(session, sorts[sort].add_keys, add, NULL, ret_error);
    const struct db_value mark[] = {db_text_array(arena, ids, *ret_count), version};
    return err ? err : db_session_query(session, sorts[sort].mark, mark, NULL, ret_error);
}

// In one transaction: nobody changes a name between the reading of it and the mark that it was read.
static enum err refill_step(struct db_session *session, struct arena *arena, size_t sort,
                            size_t *ret_count, struct error *ret_error)
{
    *ret_count = 0;
    enum err err = db_session_begin(session, ret_error);
    if (!err)
        err = refill_rows(session, arena, sort, ret_count, ret_error);
    if (!err)
        err = db_session_commit(session, ret_error);
    db_session_rollback(session); // no-op after a commit
    return err;
}

enum err keys_refill(struct db_session *session, int64_t *ret_count, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(ARENA_BYTES);
    enum err err = ERR_OK;
    *ret_count = 0;
    for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
        for (size_t count = STEP_ROWS; count == STEP_ROWS && !err;) {
            arena_reset(arena);
            err = refill_step(session, arena, i, &count, ret_error);
            *ret_count += (int64_t)count;
        }
    return err;
}
