// What follows from the values that were read: the day in the event's zone, the line that names the
// place, the status a name tells, the country a zone lies in. Values set here have the method
// `rule`, unless they only put together what another method found.
#pragma once

#include "extractor/page/reader.h"
#include "extractor/record.h"

void rules_apply(const struct page_input *page, struct record *record);
