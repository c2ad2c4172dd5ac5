// What every route about events takes, in both services: the same names, the same meaning, the same answers to mistakes.
#pragma once

#include "lib/route/route.h"

// The list's filters. A statement takes them by `--+ events/_filters`.
extern const struct route_param event_filters[];
enum { EVENT_FILTER_COUNT = 4 };
#define EVENT_FILTERS {event_filters, EVENT_FILTER_COUNT}

// limit (1–100, default 20) and cursor.
extern const struct route_param paging_params[];
#define PAGING {paging_params, 2}
