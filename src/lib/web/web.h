// Pages and their parts, bundled from the folder web/ at build time and embedded in the program.
#pragma once

#include "lib/route/route.h"

// path: "/assets/…" with a hash of the content in its name, or the name of a page ("explorer").
struct web_asset {
    const char *path, *content_type;
    struct slice body;
};
extern const struct web_asset web_assets[];
extern const size_t web_asset_count;

// Answers with a page: its HTML under a policy that allows nothing but what this service serves itself, and pictures
// from anywhere over https.
void web_answer_page(struct route_call *call, const char *page);

// GET /assets/:name: for ever, because the name changes with the content. A table of its own for each service with pages.
extern const struct route web_routes[];
extern const size_t web_route_count;
