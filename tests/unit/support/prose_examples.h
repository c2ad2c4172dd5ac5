// Invented descriptions, and who must be found in them.
#pragma once

#include "extractor/record.h"

struct example {
    const char *text;  // Markdown
    const char *found; // as prose_found says it
};

// The record of an event of this name and description, with who the rules found; in the fixture's arena.
struct record prose_event(const char *name, const char *text);
// "speaker Ada Byron, Founder @ Acme; host [Acme]": people first, companies in brackets.
const char *prose_found(const struct record *record);

void prose_check(const char *name, const struct example *examples, size_t count);
#define CHECK_PROSE(name, examples) prose_check(name, examples, ARRAY_LEN(examples))
