// HTML as a description with its structure: headings, lists, the rows of tables as lines, what is
// bold and where links lead. What surrounds a text on a page (navigation, headers, footers, asides)
// and what nobody reads (scripts, styles, controls, SVG) is left out.
#pragma once

#include "extractor/page/html_tree.h"
#include "extractor/prose/document.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>

// Has the text a tag of HTML ("<p>", "</b>", "<br/>"), so that it is none for people?
bool html_prose_is_markup(struct slice text);

// Of a piece of HTML, any bytes.
struct prose_document html_prose_read(struct arena *arena, struct slice fragment);
// Of what is inside of a node.
struct prose_document html_prose_of(struct arena *arena, const struct html_node *node);
