// Events in the markup of a page's texts: microdata and RDFa Lite with schema.org's words (markup.c),
// microformats (microformats.c). Both are made into the JSON-LD that would say the same, and
// json_ld.h reads that.
//
// Sources: WHATWG HTML, 5 (microdata); RDFa Lite 1.1; microformats.org h-event and hCalendar 1.0.
#pragma once

#include "extractor/page/html_tree.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <yyjson.h>

enum {
    MARKUP_MAX_ITEMS = 5000,          // of a page
    MARKUP_MAX_PROPERTIES = 500,      // of one item
    MARKUP_MAX_REFERENCES = 64,       // of attributes itemref
    MARKUP_MAX_TEXT = 8 * 1024 * 1024 // bytes of all that is read for texts; elements overlap
};

// A document under construction; all of it lives in the arena.
struct markup {
    struct arena *arena;
    yyjson_mut_doc *doc;
    yyjson_mut_val *roots; // the items that belong to no other
    size_t items, text_bytes;
};

// An item of one of the types, which are separated by white space; NULL over the maximum.
yyjson_mut_val *markup_add_item(struct markup *markup, struct slice types);
// A further value of a property is one more element of an array. Absent texts add nothing.
void markup_add_value(struct markup *markup, yyjson_mut_val *item, struct slice property,
                      yyjson_mut_val *value);
void markup_add_text(struct markup *markup, yyjson_mut_val *item, struct slice property,
                     struct slice text);
// May what is inside of the element be read? Not over the maximum of a page.
bool markup_may_read(struct markup *markup, const struct html_node *node);
// The text of an element as a line, or with its tags where it has some: what reads descriptions
// knows them. Absent over the maximum.
struct slice markup_text(struct markup *markup, const struct html_node *node);
struct slice markup_description(struct markup *markup, const struct html_node *node);

// Add the items of a tree.
void markup_read_items(struct markup *markup, const struct html_node *document);
void microformats_read_items(struct markup *markup, const struct html_node *document);
