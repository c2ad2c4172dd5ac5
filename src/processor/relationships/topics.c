// The stage resolve_topics: the topics of a page become rows, by their exact normalised names.
#include "lib/text/names.h"
#include "processor/relationships/entities.h"
#include "statements.gen.h"

enum { MAX_BROADER = 200, MAX_TOPIC_BYTES = 300, MAX_BROADER_BYTES = 1024 * 1024 };

static const char *known_category(struct slice category)
{
    static const char *const categories[] = {"technology", "industry", "format"};
    for (size_t i = 0; i < ARRAY_LEN(categories); i++)
        if (slice_equal(category, slice_from_cstr(categories[i])))
            return categories[i];
    return "industry"; // what a topic is that is neither a technology nor a format
}

static void write_topic(struct json_writer *w, const struct entity *entity)
{
    json_key(w, "category");
    json_cstr(w, known_category(json_get_text(entity->json, "category")));
}

static void write_link(struct json_writer *w, const struct entity *entity)
{
    json_key(w, "relevance");
    json_double(w, json_get_double(entity->json, "relevance", 0.5));
}

// [{"id", "name", "normalized_name", "category"}]: the topic's id and what the extraction says it is a
// part of.
static struct slice render_broader(struct pipeline *pipeline, size_t *ret_count)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_BROADER_BYTES);
    struct json_writer w = json_writer_on(&text);
    *ret_count = 0;
    json_begin_array(&w);
    for (size_t i = 0; i < pipeline->topics.count; i++) {
        yyjson_val *broader;
        size_t index, count;
        yyjson_arr_foreach (json_get(pipeline->topics.items[i].json, "broader"), index, count,
                            broader) {
            struct slice name = name_clean(pipeline->arena, json_get_text(broader, "name"));
            struct slice key = name_normalize(pipeline->arena, name);
            if (key.len == 0 || key.len > MAX_TOPIC_BYTES || *ret_count == MAX_BROADER)
                continue;
            json_begin_object(&w);
            json_key(&w, "id");
            json_cstr(&w, pipeline->topics.items[i].id);
            json_key(&w, "name");
            json_text(&w, name);
            json_key(&w, "normalized_name");
            json_text(&w, key);
            json_key(&w, "category");
            json_cstr(&w, known_category(json_get_text(broader, "category")));
            json_end_object(&w);
            ++*ret_count;
        }
    }
    json_end_array(&w);
    return arena_slice(pipeline->arena, buffer_slice(&text));
}

static enum err relate_topics(struct pipeline *pipeline, struct error *ret_error)
{
    size_t count;
    const struct db_value values[] = {db_text(render_broader(pipeline, &count))};
    return count ? db_session_query(pipeline->session, &sql_topics_relate_topics, values, NULL,
                                    ret_error)
                 : ERR_OK;
}

enum err stage_resolve_topics(struct pipeline *pipeline, struct error *ret_error)
{
    enum err err = entities_identify(pipeline, &pipeline->topics, &sql_topics_resolve_topics,
                                     write_topic, ret_error);
    if (!err)
        err = relate_topics(pipeline, ret_error);
    return err ? err
               : entities_link(pipeline, &pipeline->topics, &sql_topics_link_topics, write_link,
                               ret_error);
}
