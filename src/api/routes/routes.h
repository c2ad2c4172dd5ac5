// The tables of this service, one a resource, each in the file of its name.
#pragma once

#include "lib/route/route.h"

extern const struct route scrape_routes[], events_routes[], batches_routes[], stats_routes[],
    changes_routes[], pages_routes[], jobs_routes[];
extern const size_t scrape_route_count, events_route_count, batches_route_count, stats_route_count,
    changes_route_count, pages_route_count, jobs_route_count;
