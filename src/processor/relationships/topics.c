// The stage resolve_topics: the topics of a page become rows. Other services write them in their own ways: spellings and
// other names of the topics of data/topics.tsv become those.
#include "lib/text/names.h"
#include "processor/relationships/entities.h"
#include "processor/relationships/topic_names.h"
#include "statements.gen.h"

enum {
    MAX_BROADER = 200,
    MAX_TOPIC_BYTES = 300,
    MAX_BROADER_BYTES = 1024 * 1024,
    SCRATCH_BYTES = 16 * 1024
};

static const char *known_category(struct slice category)
{
    static const char *const categories[] = {"technology", "industry", "format"};
    for (size_t i = 0; i < ARRAY_LEN(categories); i++)
        if (slice_equal(category, slice_from_cstr(categories[i])))
            return categories[i];
    return "industry"; // what a topic is that is neither a technology nor a format
}

// A topic as it is to be named, unless it is one of our own: whether it means the same is for the database to say.
static void write_meant(struct json_writer *w, const struct topic_name *meant)
{
    json_key(w, "meant");
    if (!meant) {
        json_null(w);
        return;
    }
    json_begin_object(w);
    json_key(w, "name");
    json_text(w, meant->name);
    json_key(w, "normalized_name");
    json_text(w, meant->key);
    json_key(w, "category");
    json_cstr(w, meant->category);
    json_end_object(w);
}

static void write_topic(struct json_writer *w, const struct entity *entity)
{
    CLEANUP(arena_free_cleanup) struct arena *scratch = arena_new(SCRATCH_BYTES);
    bool is_ours = topic_name_find(scratch, entity->name) != NULL;
    json_key(w, "category");
    json_cstr(w, known_category(json_get_text(entity->json, "category")));
    json_key(w, "is_ours");
    json_bool(w, is_ours);
    write_meant(w, is_ours ? NULL : topic_name_find_alias(scratch, entity->name));
}

// A name of our list in another spelling is that name.
static void use_our_names(struct pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->topics.count; i++) {
        struct entity *topic = &pipeline->topics.items[i];
        const struct topic_name *name = topic_name_find(pipeline->arena, topic->name);
        if (name && !slice_equal(name->key, topic->normalized_name)) {
            topic->name = name->name;
            topic->normalized_name = name->key;
        }
    }
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
    use_our_names(pipeline);
    enum err err = entities_identify(pipeline, &pipeline->topics, &sql_topics_resolve_topics,
                                     write_topic, ret_error);
    if (!err)
        err = relate_topics(pipeline, ret_error);
    return err ? err
               : entities_link(pipeline, &pipeline->topics, &sql_topics_link_topics, write_link,
                               ret_error);
}
