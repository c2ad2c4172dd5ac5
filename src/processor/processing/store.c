// The stages begin, store, project and finish: the transaction around what the resolve stages write.
#include "processor/processing/pipeline.h"
#include "statements.gen.h"

static enum err run(struct pipeline *pipeline, const struct db_statement *statement,
                    const struct db_value *values, struct error *ret_error)
{
    return db_session_query(pipeline->session, statement, values, NULL, ret_error);
}

// Says that the job is done, to batches and subscribers too, and commits.
static enum err complete(struct pipeline *pipeline, struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(pipeline->job->event_id), db_cstr("processed"),
                                      db_null()};
    enum err err = queue_complete(pipeline->session, pipeline->job, ret_error);
    if (!err)
        err = run(pipeline, &sql_events_close_event, values, ret_error);
    if (!err)
        err = db_session_commit(pipeline->session, ret_error);
    pipeline->is_done = !err;
    return err;
}

// Another row of the event, by its id at the source or its address; absent: there is none. Jobs that
// wait for them are locked, before the events are: merging may ask for work.
static enum err find_twin(struct pipeline *pipeline, struct slice *ret_twin,
                          struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value find[] = {db_cstr(pipeline->job->event_id),
                                    db_text(json_get_text(pipeline->record, "event.luma_id")),
                                    db_text(json_get_text(pipeline->record, "event.url"))};
    *ret_twin = (struct slice){0};
    enum err err =
        db_session_query(pipeline->session, &sql_events_find_twin, find, &rows, ret_error);
    if (err || db_rows_count(rows) == 0)
        return err;
    *ret_twin = db_rows_value_text(rows, 0, 0, pipeline->arena);
    const struct slice both[] = {slice_from_cstr(pipeline->job->event_id), *ret_twin};
    const struct db_value ids[] = {db_text_array(pipeline->arena, both, ARRAY_LEN(both))};
    return run(pipeline, &sql_jobs_lock_waiting, ids, ret_error);
}

// The same event at another address: this one becomes another name of the older.
static enum err merge_with_twin(struct pipeline *pipeline, struct slice twin,
                                struct error *ret_error)
{
    const struct db_value merge[] = {db_cstr(pipeline->job->event_id), db_text(twin)};
    struct db_rows *kept CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err =
        db_session_query(pipeline->session, &sql_events_merge_event, merge, &kept, ret_error);
    if (err)
        return err;
    // This one stays when the other was never read.
    struct slice survivor = db_rows_value_text(kept, 0, 0, pipeline->arena);
    return slice_equal(survivor, slice_from_cstr(pipeline->job->event_id))
               ? ERR_OK
               : complete(pipeline, ret_error);
}

enum err pipeline_complete_merged(struct pipeline *pipeline, struct error *ret_error)
{
    enum err err = db_session_begin(pipeline->session, ret_error);
    return err ? err : complete(pipeline, ret_error);
}

enum err pipeline_finish_merged(struct pipeline *pipeline, struct error *ret_error)
{
    return complete(pipeline, ret_error);
}

enum err stage_begin(struct pipeline *pipeline, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_cstr(pipeline->job->event_id)};
    enum err err = queue_begin(pipeline->session, pipeline->job, ret_error);
    if (!err)
        err = run(pipeline, &sql_merges_share_entities, NULL, ret_error);
    if (!err)
        err = pipeline_lock_listings(pipeline, ret_error);
    struct slice twin = {0};
    if (!err)
        err = find_twin(pipeline, &twin, ret_error);
    if (!err)
        err = db_session_query(pipeline->session, &sql_events_lock_event, values, &rows, ret_error);
    if (err)
        return err;
    if (db_rows_count(rows) == 0) // merged into another while it waited: nothing is left to do
        return complete(pipeline, ret_error);
    // What was read of an older page must not cover the newer one: from the start, with that one.
    if (!slice_equal(db_rows_text(rows, 0, 0), pipeline->page_hash))
        return error_set(ret_error, ERR_CONFLICT, "the page was replaced while it was read");
    return twin.len ? merge_with_twin(pipeline, twin, ret_error) : ERR_OK;
}

enum err stage_store(struct pipeline *pipeline, struct error *ret_error)
{
    const char *id = pipeline->job->event_id;
    struct slice vector = pipeline->has_embedding
                              ? embed_to_text(pipeline->arena, pipeline->embedding)
                              : (struct slice){0};
    const struct db_value store[] = {db_cstr(id),
                                     db_text(pipeline->fields_json),
                                     db_text(pipeline->record_json),
                                     db_text(vector),
                                     pipeline->has_embedding ? db_cstr(EMBED_LOCAL_MODEL)
                                                             : db_null(),
                                     db_text(pipeline->page_hash)};
    enum err err = run(pipeline, &sql_events_store_event, store, ret_error);
    const struct db_value source[] = {db_cstr(id),
                                      db_text(json_get_text(pipeline->record, "event.url")),
                                      db_text(pipeline->fields_json)};
    return err ? err : run(pipeline, &sql_events_note_source, source, ret_error);
}

enum err pipeline_queue_related(struct pipeline *pipeline, struct error *ret_error)
{
    const struct db_value related[] = {db_cstr(pipeline->job->event_id),
                                       db_cstr(pipeline->job->request_id)};
    return run(pipeline, &sql_events_queue_related, related, ret_error);
}

enum err stage_project(struct pipeline *pipeline, struct error *ret_error)
{
    const struct slice id = slice_from_cstr(pipeline->job->event_id);
    const struct db_value ids[] = {db_text_array(pipeline->arena, &id, 1)};
    enum err err = run(pipeline, &sql_events_render_events, ids, ret_error);
    if (!err)
        err = run(pipeline, &sql_events_project_events, ids, ret_error);
    return err ? err : pipeline_queue_related(pipeline, ret_error);
}

enum err stage_finish(struct pipeline *pipeline, struct error *ret_error)
{
    return complete(pipeline, ret_error);
}
