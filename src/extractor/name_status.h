// What the name of an event says of its state: "[Cancelled] …", "… (postponed to May)".
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

// "cancelled", "postponed", or NULL when the name says neither. The word must be set apart (in
// brackets, between stars, by a colon or a dash, alone in capitals): names may be about it.
const char *name_status(struct arena *arena, struct slice name);
