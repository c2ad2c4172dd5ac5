#include "processor/relationships/entities.h"

#include "lib/base/ensure.h"

#include <stdio.h>

enum { MAX_JSON_BYTES = 16 * 1024 * 1024 };

struct slice entities_render(struct arena *arena, const struct entities *entities, bool with_ids,
                             entity_writer *write)
{
    struct buffer text;
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    json_begin_array(&w);
    for (size_t i = 0; i < entities->count; i++) {
        json_begin_object(&w);
        json_key(&w, "position");
        json_int(&w, (int64_t)i);
        json_key(&w, "name");
        json_text(&w, entities->items[i].name);
        json_key(&w, "normalized_name");
        json_text(&w, entities->items[i].normalized_name);
        if (with_ids) {
            json_key(&w, "id");
            json_cstr(&w, entities->items[i].id);
        }
        write(&w, &entities->items[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    struct slice copy = arena_slice(arena, buffer_slice(&text));
    buffer_done(&text);
    return copy;
}

enum err entities_identify(struct pipeline *pipeline, struct entities *entities,
                           const struct db_statement *statement, entity_writer *write,
                           struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {
        db_text(entities_render(pipeline->arena, entities, false, write))};
    enum err err = db_session_query(pipeline->session, statement, values, &rows, ret_error);
    if (err)
        return err;
    ensure(db_rows_count(rows) == entities->count);
    for (size_t i = 0; i < entities->count; i++) {
        int64_t position = db_rows_int(rows, i, db_rows_column(rows, "position"));
        ensure(position >= 0 && (size_t)position < entities->count);
        struct slice id = db_rows_value_text(rows, i, db_rows_column(rows, "id"), pipeline->arena);
        snprintf(entities->items[position].id, UUID_TEXT, "%.*s", SLICE_FMT(id));
    }
    return ERR_OK;
}

enum err entities_link(struct pipeline *pipeline, const struct entities *entities,
                       const struct db_statement *statement, entity_writer *write,
                       struct error *ret_error)
{
    const struct db_value values[] = {
        db_cstr(pipeline->job->event_id),
        db_text(entities_render(pipeline->arena, entities, true, write))};
    return db_session_query(pipeline->session, statement, values, NULL, ret_error);
}

void entity_write_evidence(struct json_writer *w, const struct entity *entity)
{
    json_key(w, "confidence");
    json_double(w, json_get_double(entity->json, "confidence", 0.5));
    json_key(w, "evidence");
    json_text(w, json_get_text(entity->json, "evidence"));
    json_key(w, "method");
    json_text(w, json_get_text(entity->json, "method"));
}
