// People and companies from the description of an event: who speaks, judges, moderates, mentors and
// hosts, who supports it, where it is. Rules over the lines of the document: labels ("Speakers"),
// entries below them ("NAME, TITLE at COMPANY"), and phrases in running text ("hosted by").
#pragma once

#include "extractor/record.h"

// Adds what the record's name and description say to the record, and settles it with what the page's
// structured data said.
void prose_read(struct record *record);
