// Finds what an event is about: the topics of data/topics.tsv that its title, text, calendar, tags
// and Luma's own categories tell of, each with how much the event is about it (relevance).
#pragma once

#include "extractor/record.h"

enum { TOPICS_MAX_SHOWN = 5 };

// Reads the merged record and replaces its topics: those that a source gave (categories, keywords)
// become one sign among others. Names are those of the taxonomy, the most relevant first.
void topics_read(struct record *record);
