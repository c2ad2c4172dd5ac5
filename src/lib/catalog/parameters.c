// One table a set of parameters: sql/queries/events/_filters.sql is its other half.
#include "lib/catalog/parameters.h"

const struct route_param event_filters[EVENT_FILTER_COUNT] = {
    {"location", ROUTE_IN_QUERY, ROUTE_TEXT,
     .doc = "City, region, country or venue, or a usual short name such as SF or NYC; case and "
            "accents do not matter.",
     .example = "SF"},
    {"topics", ROUTE_IN_QUERY, ROUTE_TEXT_LIST, .doc = "About any of these topics.",
     .example = "AI,Tech"},
    {"date_after", ROUTE_IN_QUERY, ROUTE_DATE,
     .doc = "On or after this day, in the event's own zone.", .example = "2025-01-01"},
    {"date_before", ROUTE_IN_QUERY, ROUTE_DATE,
     .doc = "On or before this day, in the event's own zone.", .example = "2027-12-31"},
};

const struct route_param paging_params[] = {
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 100, .fallback = "20",
     .doc = "Rows of one page.", .example = "20"},
    {"cursor", ROUTE_IN_QUERY, ROUTE_CURSOR,
     .doc = "next_cursor of the page before, with the same filters."},
};
