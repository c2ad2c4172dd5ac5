// When a model is asked at all: the page says something that the rules did not read, or are not sure
// of. Everything else costs nothing.
#pragma once

#include "extractor/llm/page.h"

enum llm_want {
    // A label of people ("Speakers", "Judges: …") with something like a name below or behind it,
    // and nobody with its role was found, or only with low confidence; or two names at least that
    // are surely those of people, while nobody but hosts was found.
    LLM_WANT_PEOPLE = 1,
    // The same for "Sponsors", "Partners".
    LLM_WANT_COMPANIES = 2,
    LLM_WANT_START = 4, // no start, and the description names a year
    LLM_WANT_PLACE = 8, // neither city nor venue, not online, and a label of a place stands there
    LLM_WANT_COUNT = 4,
};

extern const char *const llm_want_names[LLM_WANT_COUNT]; // "people", … in the order of the bits

// Bits of enum llm_want; 0: nothing is missing.
unsigned llm_wants(const struct llm_page *page);
