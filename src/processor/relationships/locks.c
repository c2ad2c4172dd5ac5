#include "processor/relationships/locks.h"

#include "statements.gen.h"

enum {
    MAX_NAMES = 40, // of a page that locks its own keys: some 400 locks of PostgreSQL's 6,400
    MAX_TEXT_BYTES = 16 * 1024 * 1024,
};

enum err locks_enter(struct pipeline *pipeline, struct error *ret_error)
{
    pipeline->has_all_keys = pipeline->speakers.count + pipeline->companies.count > MAX_NAMES;
    const struct db_value values[] = {db_bool(pipeline->has_all_keys)};
    return db_session_query(pipeline->session, &sql_duplicates_enter_matching, values, NULL,
                            ret_error);
}

enum err locks_take(struct pipeline *pipeline, enum match_kind kind, const struct match_key *keys,
                    size_t count, struct error *ret_error)
{
    if (pipeline->has_all_keys || count == 0)
        return ERR_OK;
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_TEXT_BYTES);
    for (size_t i = 0; i < count; i++) {
        buffer_append_char(&text, i ? ',' : '{');
        buffer_append_int(&text, (int64_t)keys[i].hash);
    }
    buffer_append_char(&text, '}');
    const struct db_value values[] = {db_int(pipeline->arena, kind), db_text(buffer_slice(&text))};
    return db_session_query(pipeline->session, &sql_duplicates_lock_keys, values, NULL, ret_error);
}
