// Markdown, read and written.
//
// Source: CommonMark 0.31, https://spec.commonmark.org/0.31.2/.
#pragma once

#include "extractor/prose/document.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

// Reads Markdown, and plain text, which people write much like it: "* one", "- two", empty lines
// between paragraphs. A single line end counts as one, as it does for those who read the text.
// Any bytes; HTML in it is text.
struct prose_document markdown_read(struct arena *arena, struct slice text);

// The document as Markdown: "## " headings, "- " and "1. " items, "**bold**", "[words](address)",
// "---", two spaces before a line end within a paragraph or item (not a backslash: readers take it
// for a part of an address before it). At most PROSE_MAX_TEXT bytes,
// whole lines. markdown_read gives the same document again, but for links that markdown_target
// refuses, lines of one heading, which become headings of their own, items deeper than
// five lists (fewer, with long numbers), which stand there, bold punctuation where
// Markdown has no way to say it, and plain addresses, which become links.
struct slice prose_markdown(struct arena *arena, const struct prose_document *document);
// The address as a link may have it: http, https or mailto, at most 2048 bytes; absent otherwise.
struct slice markdown_target(struct arena *arena, struct slice url);
