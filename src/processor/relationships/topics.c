// The stage resolve_topics: the topics of a page become rows, by their exact normalised names.
#include "processor/relationships/entities.h"
#include "statements.gen.h"

static void write_topic(struct json_writer *w, const struct entity *entity)
{
    static const char *const categories[] = {"technology", "industry", "format"};
    struct slice category = json_get_text(entity->json, "category");
    const char *known = "industry"; // what a topic is that is neither a technology nor a format
    for (size_t i = 0; i < ARRAY_LEN(categories); i++)
        if (slice_equal(category, slice_from_cstr(categories[i])))
            known = categories[i];
    json_key(w, "category");
    json_cstr(w, known);
}

static void write_link(struct json_writer *w, const struct entity *entity)
{
    json_key(w, "relevance");
    json_double(w, json_get_double(entity->json, "relevance", 0.5));
}

enum err stage_resolve_topics(struct pipeline *pipeline, struct error *ret_error)
{
    enum err err = entities_resolve(pipeline, &pipeline->topics, &sql_topics_resolve_topics,
                                    write_topic, ret_error);
    return err ? err
               : entities_link(pipeline, &pipeline->topics, &sql_topics_link_topics, write_link,
                               ret_error);
}
