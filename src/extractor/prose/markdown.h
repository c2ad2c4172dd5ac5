// Reads Markdown, and plain text, which people write much like it: "* one", "- two", empty lines
// between paragraphs. A single line end counts as one, as it does for those who read the text.
#pragma once

#include "extractor/prose/document.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

// Any bytes; HTML in it is text.
struct prose_document markdown_read(struct arena *arena, struct slice text);
