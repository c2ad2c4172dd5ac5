// The tables of this service, one a resource, each in the file of its name.
#pragma once

#include "lib/route/route.h"

extern const struct route scrape_routes[], events_routes[], batches_routes[], stats_routes[];
extern const size_t scrape_route_count, events_route_count, batches_route_count, stats_route_count;

extern const struct route_schema api_schemas[];
extern const size_t api_schema_count;

// The list's filters, the same on every route over events.
extern const struct route_param event_filters[];
enum { EVENT_FILTER_COUNT = 4 };
#define EVENT_FILTERS {event_filters, EVENT_FILTER_COUNT}

// limit (1–100, default 20) and cursor.
extern const struct route_param paging_params[];
#define PAGING {paging_params, 2}
