#include "lib/json/json.h"
#include "processor/jobs/jobs.h"
#include "statements.gen.h"

enum { SLICE_EVENTS = 200, MAX_RESULT_BYTES = 256 };

static enum err complete(struct db_session *session, const struct queue_job *job, int64_t events,
                         int64_t changed, struct error *ret_error)
{
    struct buffer result CLEANUP(buffer_done);
    buffer_init(&result, MAX_RESULT_BYTES);
    struct json_writer w = json_writer_on(&result);
    json_begin_object(&w);
    json_key(&w, "events");
    json_int(&w, events);
    json_key(&w, "changed");
    json_int(&w, changed);
    json_end_object(&w);
    return queue_complete_with(session, job, buffer_slice(&result), ret_error);
}

// In slices, each a transaction of its own: events are locked for a moment, however many they are. Started over, it finds
// what it changed before unchanged.
enum err job_quality(void *worker, struct db_session *session, const struct queue_job *job,
                     struct arena *arena, struct queue_outcome *outcome, struct error *ret_error)
{
    yyjson_val *args;
    struct db_rows *counted CLEANUP(db_rows_free_cleanup) = NULL;
    (void)worker, (void)outcome;
    enum err err = json_parse(arena, job->args, &args, ret_error);
    if (err)
        return err;
    struct db_value values[] = {json_get(args, "events") ? db_cstr(job->id) : db_null(),
                                db_cstr("00000000-0000-0000-0000-000000000000"),
                                db_int(arena, SLICE_EVENTS)};
    err = db_session_query(session, &sql_quality_count_events, values, &counted, ret_error);
    if (err)
        return err;
    int64_t total = db_rows_int(counted, 0, 0), done = 0, changed = 0, last = SLICE_EVENTS;
    while (!err && last == SLICE_EVENTS) {
        struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
        err = db_session_query(session, &sql_quality_recalculate_quality, values, &rows, ret_error);
        if (err)
            return err;
        last = db_rows_int(rows, 0, db_rows_column(rows, "events"));
        done += last;
        changed += db_rows_int(rows, 0, db_rows_column(rows, "changed"));
        values[1] = db_text(db_rows_value_text(rows, 0, db_rows_column(rows, "last"), arena));
        err = queue_progress(session, job, done, total > done ? total : done, ret_error);
    }
    return err ? err : complete(session, job, done, changed, ret_error);
}
