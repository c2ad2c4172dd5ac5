// A description that is no HTML at all: Markdown or plain text, as somebody pastes it into a request
// or keeps it in a file. Between two lines of dashes at its beginning may stand what is known of the
// event, in lines "key: value":
//
//     ---
//     name: An evening of maps
//     date: 2026-05-01
//     time: 6:30 PM
//     timezone: Europe/Lisbon
//     ---
//     Join us …
//
// Without a name there, the heading of the first line is the name; a text with neither is no event.
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>

enum { TEXT_MAX_LINES = 200 }; // of what stands between the lines of dashes

// Is it no HTML, no JSON and nothing binary, by its beginning?
bool text_is_plain(struct slice bytes);
