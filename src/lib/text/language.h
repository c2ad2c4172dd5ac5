// Which language a text is written in: by its letters where those decide, else by the words that
// every text of a language has.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

// The ISO 639-1 code of the language most of the text is in, of about 35 languages; NULL when the text
// is too short or too mixed to tell. ret_confidence: 0.6 to 0.95. Reads the first 16 KB.
const char *language_detect(struct arena *arena, struct slice text, double *ret_confidence);
