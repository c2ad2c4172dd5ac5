#include "processor/service.h"

#include "lib/service/service.h"
#include "lib/web/web.h"
#include "processor/queries/queries.h"
#include "processor/state.h"
#include "schemas.gen.h"

static const struct service processor = {
    .name = "processor",
    .title = "Event Data API, internal",
    .description = "Processing, and the graph of who appears where. For services and operators.",
    .has_database = true,
    .is_private = true,
    .tables = {{process_routes, &process_route_count},
               {graph_routes, &graph_route_count},
               {internal_jobs_routes, &internal_jobs_route_count},
               {deduplicate_routes, &deduplicate_route_count},
               {operations_routes, &operations_route_count},
               {recommend_routes, &recommend_route_count},
               {quality_routes, &quality_route_count},
               {web_routes, &web_route_count}},
    .schemas = processor_schemas,
    .schema_count = &processor_schema_count,
    .start = processor_state_new,
    .begin_stop = processor_state_begin_stop,
    .stop = processor_state_free,
    .loop_start = processor_loop_new,
    .loop_stop = processor_loop_free,
};

int processor_run(const struct config *config)
{
    return service_run(&processor, config, (uint16_t)config->processor_port, 1);
}
