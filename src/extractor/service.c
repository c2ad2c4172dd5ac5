#include "extractor/service.h"

#include "extractor/extract.h"
#include "extractor/llm/pool.h"
#include "extractor/routes.h"
#include "extractor/sandbox/pool.h"
#include "extractor/sandbox/template.h"
#include "lib/base/ensure.h"
#include "lib/log/log.h"
#include "lib/service/service.h"
#include "schemas.gen.h"

#include <stdlib.h>

enum { MAX_LOOPS = 8 };

// Of the service: where pages are read (NULL: right here), and who is asked about gaps.
struct extractor_state {
    struct sandbox *sandbox;
    struct llm_pool *models;
};

static enum err open_sandbox(const struct config *config, struct sandbox **ret_sandbox,
                             struct error *ret_error)
{
    const struct sandbox_options options = {
        .timeout_ms = config->extractor_timeout_ms,
        .needs_filter = config->extractor_sandbox == CONFIG_SANDBOX_REQUIRED,
    };
    if (config->extractor_sandbox != CONFIG_SANDBOX_OFF)
        return sandbox_new(&options, ret_sandbox, ret_error);
    log_warn("sandbox_off", log_str("hint", "EXTRACTOR_SANDBOX=off is for debugging"));
    return ERR_OK;
}

// Pools of the loops hold the sandbox until they are freed.
static void close_sandbox(struct sandbox *sandbox)
{
    if (!sandbox)
        return;
    sandbox_stop(sandbox);
    sandbox_release(sandbox);
}

static enum err start(const struct config *config, void **ret_state, struct error *ret_error)
{
    struct extractor_state *state = calloc(1, sizeof *state);
    ensure(state);
    // Children are made before there are threads.
    enum err err = open_sandbox(config, &state->sandbox, ret_error);
    if (!err)
        err = llm_pool_start(config, &state->models, ret_error);
    if (err) {
        close_sandbox(state->sandbox);
        free(state);
        return err;
    }
    *ret_state = state;
    return ERR_OK;
}

static void begin_stop(void *data)
{
    const struct extractor_state *state = data;
    llm_pool_begin_stop(state->models);
}

static void stop(void *data)
{
    struct extractor_state *state = data;
    llm_pool_stop(state->models);
    close_sandbox(state->sandbox);
    free(state);
}

static void *start_loop(void *data, struct loop *loop, struct db_pipeline *db)
{
    (void)db;
    const struct extractor_state *state = data;
    struct extractor_loop *own = calloc(1, sizeof *own);
    ensure(own);
    *own = (struct extractor_loop){.loop = loop,
                                   .pages = state->sandbox ? sandbox_pool_new(state->sandbox, loop)
                                                           : NULL,
                                   .models = state->models};
    return own;
}

static void end_loop(void *data)
{
    struct extractor_loop *own = data;
    if (own->pages)
        sandbox_pool_free(own->pages);
    free(own);
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
    .loop_start = start_loop,
    .loop_stop = end_loop,
};

int extractor_run(const struct config *config)
{
    // Reading a page is all computing: as many at once as there are workers that ask. Each loop has children of its own.
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

enum err extractor_answer_apart(const struct config *config, struct slice html, struct slice url,
                                struct buffer *ret_json, struct error *ret_error)
{
    if (config->extractor_sandbox == CONFIG_SANDBOX_OFF)
        return extractor_answer(html, url, ret_json, ret_error);
    struct sandbox *sandbox CLEANUP(sandbox_release_cleanup) = NULL;
    enum err err = open_sandbox(config, &sandbox, ret_error);
    return err ? err : sandbox_read_once(sandbox, html, url, ret_json, ret_error);
}

int extractor_child_run(void)
{
    return sandbox_template_run();
}
