// The stage resolve_companies: the companies of a page become the ones already known, or new ones (resolve.h). One name is
// one company, whatever else is known of it.
#include "processor/relationships/parts.h"
#include "processor/relationships/resolve.h"
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

static enum err enrich(struct pipeline *pipeline, struct error *ret_error)
{
    const struct db_value values[] = {
        db_text(entities_render(pipeline->arena, &pipeline->companies, true, write_company))};
    return db_session_query(pipeline->session, &sql_companies_enrich_companies, values, NULL,
                            ret_error);
}

const struct resolve_statements *resolve_company_statements(void)
{
    static const struct resolve_statements statements = {
        .kind = MATCH_COMPANIES,
        .find = &sql_companies_find_candidates,
        .keep = &sql_companies_keep_companies,
        .adopt = &sql_companies_adopt_companies,
        .add_keys = &sql_companies_add_keys,
    };
    return &statements;
}

enum err stage_resolve_companies(struct pipeline *pipeline, struct error *ret_error)
{
    enum err err = entities_resolve(pipeline, &pipeline->companies, resolve_company_statements(),
                                    write_company, ret_error);
    if (!err)
        err = enrich(pipeline, ret_error);
    if (!err)
        err = companies_link_parts(pipeline, ret_error);
    if (!err)
        err = entities_link(pipeline, &pipeline->companies, &sql_companies_link_companies,
                            write_link, ret_error);
    return err;
}
