#include "extractor/service.h"

#include "extractor/extract.h"
#include "extractor/routes.h"
#include "extractor/sandbox/pool.h"
#include "extractor/sandbox/template.h"
#include "lib/log/log.h"
#include "lib/service/service.h"
#include "schemas.gen.h"

enum { MAX_LOOPS = 8 };

static enum err open_sandbox(const struct config *config, struct sandbox **ret_sandbox,
                             struct error *ret_error)
{
    const struct sandbox_options options = {
        .timeout_ms = config->extractor_timeout_ms,
        .needs_filter = config->extractor_sandbox == CONFIG_SANDBOX_REQUIRED,
    };
    return sandbox_new(&options, ret_sandbox, ret_error);
}

// The state is the sandbox, that of a loop its pool of children; none of both when pages are read right here.
static enum err start(const struct config *config, void **ret_state, struct error *ret_error)
{
    struct sandbox *sandbox = NULL;
    enum err err = ERR_OK;
    if (config->extractor_sandbox == CONFIG_SANDBOX_OFF)
        log_warn("sandbox_off", log_str("hint", "EXTRACTOR_SANDBOX=off is for debugging"));
    else
        err = open_sandbox(config, &sandbox, ret_error);
    *ret_state = sandbox;
    return err;
}

static void *open_pool(void *sandbox, struct loop *loop, struct db_pipeline *db)
{
    (void)db;
    return sandbox ? sandbox_pool_new(sandbox, loop) : NULL;
}

// Pools hold the sandbox until they are freed.
static void close_sandbox(void *sandbox)
{
    sandbox_stop(sandbox);
    sandbox_release(sandbox);
}

static void close_pool(void *pool)
{
    sandbox_pool_free(pool);
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
    .stop = close_sandbox,
    .loop_start = open_pool,
    .loop_stop = close_pool,
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
