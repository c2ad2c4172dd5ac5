// The words of Markdown without its marks: for search, vectors and whatever counts words. SQL has the
// same as markdown_text (sql/migrations/0018_markdown.sql).
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

// Links by their words, bold words as words, headings and rules without signs, escapes undone;
// markers of lists stay. One pass, any bytes; plain text mostly stays as it is.
struct slice markdown_text(struct arena *arena, struct slice markdown);
