// What every route about events takes, in both services: the same names, the same meaning, the same answers to mistakes.
#pragma once

#include "lib/route/route.h"

// The list's filters. A statement takes them by `--+ events/_filters`, and then sees what readers may see: events that
// were processed, unless processing_status asks for others, and never one that was merged into another.
enum { EVENT_FILTER_COUNT = 22 };
extern const struct route_param event_filters[EVENT_FILTER_COUNT];
// A radius needs a point; what is after must not be behind what is before.
route_check event_filters_check;
#define EVENT_FILTERS {event_filters, EVENT_FILTER_COUNT, event_filters_check, false}
// The same as members of an object in a body (ROUTE_FILTER).
#define EVENT_FILTERS_IN_BODY {event_filters, EVENT_FILTER_COUNT, event_filters_check, true}

// limit (1–100, default 20) and cursor.
extern const struct route_param paging_params[];
#define PAGING {paging_params, 2, NULL, false}

// fields and include for lists of events, and for one event. A statement takes include by `--+ events/_members` behind
// its select list, for events e. Pages as they were fetched are large: only short lists may have them.
extern const struct route_param event_item_params[], event_document_params[];
route_check event_item_check;
#define EVENT_ITEM_SHOWN {event_item_params, 2, event_item_check, false}
#define EVENT_DOCUMENT_SHOWN {event_document_params, 2, NULL, false}
