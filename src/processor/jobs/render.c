#include "processor/jobs/jobs.h"

#include "lib/json/json.h"
#include "statements.gen.h"

enum { SLICE_EVENTS = 100, MAX_IDS = 100000 };

static struct db_value ids_of(struct arena *arena, yyjson_val *list)
{
    size_t count = yyjson_arr_size(list), kept = 0;
    struct slice *ids = ARENA_ARRAY(arena, count + 1, struct slice);
    for (size_t i = 0; i < count && i < MAX_IDS; i++) {
        yyjson_val *id = yyjson_arr_get(list, i);
        if (yyjson_is_str(id))
            ids[kept++] = (struct slice){yyjson_get_str(id), yyjson_get_len(id)};
    }
    return db_text_array(arena, ids, kept);
}

// In slices, each a transaction of its own: events are locked for a moment, however many they are.
enum err job_render(void *worker, struct db_session *session, const struct queue_job *job,
                    struct arena *arena, struct queue_outcome *outcome, struct error *ret_error)
{
    yyjson_val *args;
    (void)worker, (void)outcome;
    enum err err = json_parse(arena, job->args, &args, ret_error);
    if (err)
        return err;
    struct db_value values[] = {
        ids_of(arena, json_get(args, "speakers")), ids_of(arena, json_get(args, "companies")),
        db_cstr("00000000-0000-0000-0000-000000000000"), db_int(arena, SLICE_EVENTS)};
    int64_t done = 0, last = SLICE_EVENTS;
    while (!err && last == SLICE_EVENTS) {
        struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
        err = db_session_query(session, &sql_events_render_linked, values, &rows, ret_error);
        if (err)
            return err;
        last = db_rows_int(rows, 0, db_rows_column(rows, "events"));
        done += last;
        values[2] = db_text(db_rows_value_text(rows, 0, db_rows_column(rows, "last"), arena));
        err = queue_progress(session, job, done, 0, ret_error);
    }
    return err ? err : queue_complete(session, job, ret_error);
}
