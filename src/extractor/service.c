#include "extractor/service.h"

#include "extractor/extract.h"
#include "extractor/llm/pool.h"
#include "extractor/routes.h"
#include "lib/base/ensure.h"
#include "lib/service/service.h"
#include "schemas.gen.h"

#include <stdlib.h>

enum { MAX_LOOPS = 8 };

static enum err start(const struct config *config, void **ret_state, struct error *ret_error)
{
    struct llm_pool *models = NULL;
    enum err err = llm_pool_start(config, &models, ret_error);
    *ret_state = models;
    return err;
}

static void begin_stop(void *state)
{
    llm_pool_begin_stop(state);
}

static void stop(void *state)
{
    llm_pool_stop(state);
}

static void *loop_start(void *state, struct loop *loop, struct db_pipeline *db)
{
    (void)db;
    struct extractor_loop *own = calloc(1, sizeof *own);
    ensure(own);
    *own = (struct extractor_loop){.loop = loop, .models = state};
    return own;
}

static const struct service extractor = {
    .name = "extractor",
    .title = "Event Data API, extraction",
    .description = "Reads one page and says what event it tells of: rules and structured data, "
                   "nothing invented.",
    .is_private = true,
    .tables = {{extract_routes, &extract_route_count}},
    .schemas = extractor_schemas,
    .schema_count = &extractor_schema_count,
    .start = start,
    .begin_stop = begin_stop,
    .stop = stop,
    .loop_start = loop_start,
    .loop_stop = free,
};

int extractor_run(const struct config *config)
{
    // Reading a page is all computing: as many at once as there are workers that ask.
    int loops = config->process_workers < 1           ? 1
                : config->process_workers > MAX_LOOPS ? MAX_LOOPS
                                                      : config->process_workers;
    return service_run(&extractor, config, (uint16_t)config->extractor_port, loops);
}

enum err extractor_answer(struct slice html, struct slice url, struct buffer *ret_json,
                          struct error *ret_error)
{
    // A page may take far more memory than a request: it has an arena of its own.
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(EXTRACT_ARENA_BYTES);
    struct record record;
    enum err err = extract_page(html, url, arena, &record, ret_error);
    if (err)
        return err;
    record_render(&record, ret_json);
    if (ret_json->overflow)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE, "the record of this page is too large");
    return ERR_OK;
}
