// How much a line of a description says about what the event is about, by where it stands.
#pragma once

#include "extractor/prose/document.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

enum topic_place {
    TOPIC_IN_TITLE,
    TOPIC_IN_HASHTAG,
    TOPIC_IN_CALENDAR, // the calendar's name
    TOPIC_IN_HEADING,
    TOPIC_IN_LEAD,      // the first lines
    TOPIC_IN_PROGRAMME, // an agenda, what to expect
    TOPIC_IN_BODY,
    TOPIC_IN_LATE,     // far down
    TOPIC_IN_AUDIENCE, // who should come
    TOPIC_IN_PEOPLE,   // speakers and what they do
    TOPIC_IN_MARGIN,   // sponsors, "About …", how to get there
    TOPIC_PLACES
};

struct topic_sections {
    enum topic_place section; // of the last heading
    size_t bytes;             // read so far
};

// The place of the next line; lines are given in order, beginning with zeroed sections.
enum topic_place topic_place_of(struct topic_sections *sections, struct arena *arena,
                                const struct prose_line *line);
