// The stage resolve_companies: the companies of a page become the ones already known, or new ones, by their exact
// normalised names.
#include "processor/relationships/entities.h"
#include "statements.gen.h"

static void write_company(struct json_writer *w, const struct entity *entity)
{
    json_key(w, "domain");
    json_text(w, json_get_text(entity->json, "domain"));
}

static void write_link(struct json_writer *w, const struct entity *entity)
{
    static const char *const types[] = {"host", "sponsor", "venue", "partner"};
    struct slice type = json_get_text(entity->json, "relationship_type");
    const char *known = "partner"; // the weakest, for what an external service may name besides
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_equal(type, slice_from_cstr(types[i])))
            known = types[i];
    json_key(w, "relationship_type");
    json_cstr(w, known);
    entity_write_evidence(w, entity);
}

enum err stage_resolve_companies(struct pipeline *pipeline, struct error *ret_error)
{
    enum err err = entities_resolve(pipeline, &pipeline->companies,
                                    &sql_companies_resolve_companies, write_company, ret_error);
    return err ? err
               : entities_link(pipeline, &pipeline->companies, &sql_companies_link_companies,
                               write_link, ret_error);
}
