// Luma keeps descriptions as ProseMirror documents:
// {"type":"doc","content":[{"type","attrs"?,"content"?,"marks"?, "text"?}…]}. Names of nodes vary
// (bullet_list, bulletList); unknown ones are descended into.
#pragma once

#include "extractor/prose/document.h"
#include "lib/base/arena.h"

#include <yyjson.h>

enum { PROSEMIRROR_MAX_DEPTH = 64 };

// Marks become styles, hard breaks line ends, images nothing; nodes over the depth are left out.
// Empty for anything that is no document.
struct prose_document prosemirror_read(struct arena *arena, yyjson_val *document);
