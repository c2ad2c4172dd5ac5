// Dates and times of PostgreSQL as ISO 8601 text; the rows of the table in type.c. False: infinity.
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/slice.h"

#include <stdbool.h>

// "2025-06-01". A year that does not fit four digits is written with a sign and six, as ECMAScript
// does (ECMA-262, Expanded Years): year 0 is 1 BC, so the Ides of March of 44 BC are
// "-000043-03-15".
bool type_append_date(struct buffer *out, struct slice bytes);
// "18:30:00", with three or six more digits when there is a fraction.
bool type_append_time(struct buffer *out, struct slice bytes);
bool type_append_timestamp(struct buffer *out, struct slice bytes);
// RFC 3339 in UTC: "2025-06-01T18:30:00Z".
bool type_append_timestamptz(struct buffer *out, struct slice bytes);
// "P1Y2M3DT4H5M6.5S", each part with its own sign; "PT0S".
bool type_append_interval(struct buffer *out, struct slice bytes);
