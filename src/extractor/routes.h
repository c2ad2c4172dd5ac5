// The table of this service.
#pragma once

#include "extractor/llm/pool.h"
#include "lib/route/route.h"

// What the handlers find under route_call.service.
struct extractor_loop {
    struct loop *loop;
    struct sandbox_pool *pages; // NULL: pages are read on the loop itself
    struct llm_pool *models;    // NULL: no language model is configured
};

extern const struct route extract_routes[];
extern const size_t extract_route_count;
