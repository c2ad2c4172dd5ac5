// What kind of place a text names.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>

// Is it the line of a street ("12 Elm Street", "Torstraße 5", "Elm Rd") or a grid code
// ("QHF5+5J4"), and no name of a place?
bool place_is_street(struct arena *arena, struct slice text);
// Does the text only say that the place is not told ("TBA", "Register to See Address")?
bool place_is_hidden(struct arena *arena, struct slice text);
// "San Francisco, California": the city before the last comma and the region behind it (absent
// without a comma).
void place_split_city(struct slice text, struct slice *ret_city, struct slice *ret_region);
// The city of an address in one line: what stands behind the line of its street ("Engine Hall, 12 Elm
// St, Springfield, OR 97477, USA", "Torstraße 5, 10119 Berlin"), without codes, regions and the
// country. Absent when there is no street or nothing that looks like a city: a guess from the form.
struct slice place_city_behind(struct arena *arena, struct slice text);
// The company whose rooms a place's name names: "Acme" of "Acme HQ" and "Acme Headquarters"; else the text.
struct slice place_company(struct arena *arena, struct slice text);
// Does the text say that the event is online ("Zoom", an address of a meeting)?
bool place_is_online(struct arena *arena, struct slice text);
