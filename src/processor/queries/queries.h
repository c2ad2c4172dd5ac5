// The tables of this service, each in the file of its name.
#pragma once

#include "lib/route/route.h"

extern const struct route process_routes[], graph_routes[], recommend_routes[],
    deduplicate_routes[], quality_routes[], internal_jobs_routes[], operations_routes[];
extern const size_t process_route_count, graph_route_count, recommend_route_count,
    deduplicate_route_count, quality_route_count, internal_jobs_route_count, operations_route_count;
