// Texts of any script as Latin letters, for comparing only.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>

// Folded (unicode_fold) and, where letters of other scripts are left, transliterated by ICU
// ("Any-Latin; Latin-ASCII"): "Яндекс" gives "andeks", "李昱勳" gives "li yu xun". Texts beyond
// 512 bytes are cut. The transliterator is opened once in each thread that needs it.
struct slice latin_fold(struct arena *arena, struct slice text);

// Does the text have letters beyond the Latin, Greek and Cyrillic scripts (whose transliterations
// can be compared)? Chinese characters, for example, are read in several languages.
bool latin_is_lossy(struct slice text);
