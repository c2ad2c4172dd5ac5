// The table of this service.
#pragma once

#include "lib/route/route.h"

extern const struct route extract_routes[];
extern const size_t extract_route_count;
