// The stage resolve_speakers: the people of a page become the ones already known, or new ones (resolve.h).
#include "processor/relationships/resolve.h"
#include "statements.gen.h"

#include <string.h>

// Kinds are short words of ours; another service's may be anything. Addresses of letters and telephones are nobody's
// business: what is kept is shown to everybody.
static bool is_public(const char *kind, struct slice value)
{
    size_t len = strspn(kind, "abcdefghijklmnopqrstuvwxyz_");
    bool is_private = strcmp(kind, "email") == 0 || strcmp(kind, "phone") == 0 ||
                      slice_starts_with(value, SLICE("mailto:")) ||
                      slice_starts_with(value, SLICE("tel:"));
    return len > 0 && len <= 32 && kind[len] == '\0' && !is_private;
}

static void write_speaker(struct json_writer *w, const struct entity *entity)
{
    static const char *const texts[] = {"company", "title", "bio"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        json_key(w, texts[i]);
        json_text(w, json_get_text(entity->json, texts[i]));
    }
    json_key(w, "confidence");
    json_double(w, json_get_double(entity->json, "confidence", 0.5));
    // Links are a list of addresses by kind; only texts are kept.
    yyjson_val *links = json_get(entity->json, "links"), *kind, *value;
    size_t index, most;
    json_key(w, "links");
    json_begin_object(w);
    if (yyjson_is_obj(links))
        yyjson_obj_foreach (links, index, most, kind, value) {
            struct slice address = {yyjson_get_str(value), yyjson_get_len(value)};
            if (!yyjson_is_str(value) || !is_public(yyjson_get_str(kind), address))
                continue;
            json_key(w, yyjson_get_str(kind));
            json_text(w, address);
        }
    json_end_object(w);
}

static void write_link(struct json_writer *w, const struct entity *entity)
{
    static const char *const roles[] = {"speaker",  "judge",     "host",
                                        "panelist", "moderator", "mentor"};
    struct slice role = json_get_text(entity->json, "role");
    const char *known =
        "speaker"; // an external service may name others: on stage is what they have in common
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (slice_equal(role, slice_from_cstr(roles[i])))
            known = roles[i];
    json_key(w, "role");
    json_cstr(w, known);
    entity_write_evidence(w, entity);
}

static enum err enrich(struct pipeline *pipeline, struct error *ret_error)
{
    const struct db_value values[] = {
        db_text(entities_render(pipeline->arena, &pipeline->speakers, true, write_speaker))};
    return db_session_query(pipeline->session, &sql_speakers_enrich_speakers, values, NULL,
                            ret_error);
}

const struct resolve_statements *resolve_speaker_statements(void)
{
    static const struct resolve_statements statements = {
        .kind = MATCH_SPEAKERS,
        .find = &sql_speakers_find_candidates,
        .keep = &sql_speakers_keep_speakers,
        .adopt = &sql_speakers_adopt_speakers,
        .add_keys = &sql_speakers_add_keys,
        .is_per_event = true,
    };
    return &statements;
}

enum err stage_resolve_speakers(struct pipeline *pipeline, struct error *ret_error)
{
    enum err err = entities_resolve(pipeline, &pipeline->speakers, resolve_speaker_statements(),
                                    write_speaker, ret_error);
    if (!err)
        err = enrich(pipeline, ret_error);
    if (!err)
        err = entities_link(pipeline, &pipeline->speakers, &sql_speakers_link_speakers, write_link,
                            ret_error);
    return err;
}
