// The tables of this service, each in the file of its name.
#pragma once

#include "lib/route/route.h"

extern const struct route process_routes[], graph_routes[], operations_routes[],
    internal_jobs_routes[], deduplicate_routes[];
extern const size_t process_route_count, graph_route_count, operations_route_count,
    internal_jobs_route_count, deduplicate_route_count;
