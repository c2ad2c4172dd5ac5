// The name of an event whose page was not read yet.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

// The last segment of its address, decoded; the address itself when it has none.
struct slice placeholder_name(struct arena *arena, struct slice canonical_url);
