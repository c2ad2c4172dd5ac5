// What every route about events takes, in both services: the same names, the same meaning, the same answers to mistakes.
#pragma once

#include "lib/route/route.h"

// The list's filters. A statement takes them by `--+ events/_filters`, and then sees what readers may see: events that
// were processed, unless processing_status asks for others, and never one that was merged into another.
enum { EVENT_FILTER_COUNT = 22 };
extern const struct route_param event_filters[EVENT_FILTER_COUNT];
// A radius needs a point; what is after must not be behind what is before.
route_check event_filters_check;
#define EVENT_FILTERS {event_filters, EVENT_FILTER_COUNT, event_filters_check}

// limit (1–100, default 20) and cursor.
extern const struct route_param paging_params[];
#define PAGING {paging_params, 2, NULL}
