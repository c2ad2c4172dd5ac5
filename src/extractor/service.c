#include "extractor/service.h"

#include "extractor/extract.h"
#include "extractor/routes.h"
#include "lib/service/service.h"
#include "schemas.gen.h"

enum { MAX_LOOPS = 8 };

static const struct service extractor = {
    .name = "extractor",
    .title = "Event Data API, extraction",
    .description = "Reads one page and says what event it tells of: rules and structured data, "
                   "nothing invented.",
    .is_private = true,
    .tables = {{extract_routes, &extract_route_count}},
    .schemas = extractor_schemas,
    .schema_count = &extractor_schema_count,
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
