// Puts together what the structured data and the prose of one page say about the same people and
// companies.
#pragma once

#include "extractor/record.h"

// One person under the fullest form of the name ("Murray" and "Murray Newlands"), with title and
// company wherever one entry knows them; roles that another one makes superfluous are dropped.
void settle_people(struct record *record);
// Relations that another one makes superfluous are dropped: the organiser's own "powered by", a
// "hosted by" of the place.
void settle_companies(struct record *record);
