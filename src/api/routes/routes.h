// The tables of this service, one a resource, each in the file of its name.
#pragma once

#include "lib/route/route.h"

extern const struct route scrape_routes[], events_routes[], event_operations_routes[],
    batches_routes[], stats_routes[], people_routes[], suggest_routes[], changes_routes[],
    jobs_routes[], accounts_routes[], pages_routes[];
extern const size_t scrape_route_count, events_route_count, event_operations_route_count,
    batches_route_count, stats_route_count, people_route_count, suggest_route_count,
    changes_route_count, jobs_route_count, accounts_route_count, pages_route_count;
