// Countries by ISO 3166-1 alpha-2 code and English name, as ICU (CLDR) has them.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

// The code of "tw", "TW", "Taiwan", "USA", "United States of America"; NULL when it is none.
// Static.
const char *country_code(struct arena *arena, struct slice text);
// The English name of an ISO country code; absent for an unknown one.
struct slice country_name(struct arena *arena, struct slice code);
