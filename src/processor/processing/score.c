// The stages embed and score.
#include "processor/processing/pipeline.h"

enum { MAX_PARTS = 64 };

enum err stage_embed(struct pipeline *pipeline, struct error *ret_error)
{
    (void)ret_error;
    struct embed_part parts[MAX_PARTS] = {
        {json_get_text(pipeline->record, "event.name"), 3.0f},
        {json_get_text(pipeline->record, "event.description"), 1.0f},
        {json_get_text(pipeline->record, "event.city"), 0.5f},
    };
    size_t count = 3;
    for (size_t i = 0; i < pipeline->topics.count && count < MAX_PARTS; i++)
        parts[count++] = (struct embed_part){pipeline->topics.items[i].name, 2.0f};
    for (size_t i = 0; i < pipeline->companies.count && count < MAX_PARTS; i++)
        parts[count++] = (struct embed_part){pipeline->companies.items[i].name, 1.0f};
    for (size_t i = 0; i < pipeline->speakers.count && count < MAX_PARTS; i++)
        parts[count++] = (struct embed_part){pipeline->speakers.items[i].name, 1.0f};
    pipeline->has_embedding = embed_local(pipeline->arena, parts, count, pipeline->embedding);
    return ERR_OK;
}

// What a complete event has, and what each part is worth; the sum is 100.
static const struct {
    const char *path; // in the record; NULL: judged by a rule below
    int points;
} completeness[] = {
    {"event.name", 10},     {"event.starts_at", 15}, {"event.ends_at", 5},  {"event.timezone", 5},
    {"event.image_url", 5}, {"event.country", 5},    {"event.latitude", 5},
};
enum {
    PLACE_POINTS = 10,       // a city, or online
    DESCRIPTION_POINTS = 15, // in full from LONG_DESCRIPTION characters on
    LONG_DESCRIPTION = 400,
    SPEAKER_POINTS = 10,
    COMPANY_POINTS = 10,
    TOPIC_POINTS = 5,
};

enum err stage_score(struct pipeline *pipeline, struct error *ret_error)
{
    (void)ret_error;
    int score = 0;
    for (size_t i = 0; i < ARRAY_LEN(completeness); i++) {
        yyjson_val *value = json_get(pipeline->record, completeness[i].path);
        if (value && !yyjson_is_null(value))
            score += completeness[i].points;
    }
    bool online = json_get_bool(pipeline->record, "event.is_online", false);
    if (online || json_get_text(pipeline->record, "event.city").len)
        score += PLACE_POINTS;
    if (online && !json_get_text(pipeline->record, "event.country").len)
        score += 10; // country and coordinates cannot be missing where there is no place
    size_t described = json_get_text(pipeline->record, "event.description").len;
    score +=
        (int)(described >= LONG_DESCRIPTION ? DESCRIPTION_POINTS
                                            : DESCRIPTION_POINTS * described / LONG_DESCRIPTION);
    score += pipeline->speakers.count ? SPEAKER_POINTS : 0;
    score += pipeline->companies.count ? COMPANY_POINTS : 0;
    score += pipeline->topics.count ? TOPIC_POINTS : 0;
    pipeline->score = score > 100 ? 100 : score;
    return ERR_OK;
}
