#include "api/service.h"

#include "api/routes/routes.h"
#include "api/state.h"
#include "lib/service/service.h"
#include "lib/web/web.h"
#include "schemas.gen.h"

static const struct service api = {
    .name = "api",
    .title = "Event Data API",
    .description =
        "Events with the people, companies and topics that belong to them, read from their pages.",
    .has_database = true,
    .tables = {{scrape_routes, &scrape_route_count},
               {events_routes, &events_route_count},
               {event_operations_routes, &event_operations_route_count},
               {batches_routes, &batches_route_count},
               {changes_routes, &changes_route_count},
               {stats_routes, &stats_route_count},
               {people_routes, &people_route_count},
               {suggest_routes, &suggest_route_count},
               {jobs_routes, &jobs_route_count},
               {accounts_routes, &accounts_route_count},
               {pages_routes, &pages_route_count},
               {web_routes, &web_route_count}},
    .schemas = api_schemas,
    .schema_count = &api_schema_count,
    .start = api_state_new,
    .begin_stop = api_state_begin_stop,
    .stop = api_state_free,
    .loop_start = api_loop_new,
    .loop_drain = api_loop_drain,
    .loop_stop = api_loop_free,
};

int api_run(const struct config *config)
{
    return service_run(&api, config, (uint16_t)config->api_port, config->api_loops);
}
