// The stages embed and score.
#include "lib/text/markdown.h"
#include "processor/processing/pipeline.h"
#include "statements.gen.h"

enum { MAX_PARTS = 64 };

enum err stage_embed(struct pipeline *pipeline, struct error *ret_error)
{
    (void)ret_error;
    struct slice description =
        markdown_text(pipeline->arena, json_get_text(pipeline->record, "event.description"));
    struct embed_part parts[MAX_PARTS] = {
        {json_get_text(pipeline->record, "event.name"), 3.0f},
        {description, 1.0f},
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

// What a score is made of is said in sql/migrations/0012_quality.sql, for this stage as for the recalculation.
enum err stage_score(struct pipeline *pipeline, struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(pipeline->job->event_id)};
    return db_session_query(pipeline->session, &sql_quality_score_events, values, NULL, ret_error);
}
