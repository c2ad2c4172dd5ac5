// Luma keeps descriptions as ProseMirror documents:
// {"type":"doc","content":[{"type","attrs"?,"content"?,"marks"?, "text"?}…]}. Names of nodes vary
// (bullet_list, bulletList); unknown ones are descended into.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <yyjson.h>

enum { PROSEMIRROR_MAX_DEPTH = 64, PROSEMIRROR_MAX_TEXT = 256 * 1024 };

// The document as plain text: paragraphs with an empty line between them, list items as "- text" or
// "1. text" on lines of their own, nested ones indented, hard breaks as line ends, links by their
// text, images and rules as nothing. Text over the maximum and nodes over the depth are left out.
// "" for anything that is no document.
struct slice prosemirror_text(struct arena *arena, yyjson_val *document);
