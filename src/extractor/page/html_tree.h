// The tree of an HTML page or of a piece of HTML, for what the scanner (html.h) cannot see: items
// within items, and texts with their structure.
//
// Not the tree of the standard, which costs quadratic time for deep nesting and any amount of memory
// for elements that overlap, but the same one for markup that is nested as it should be, and nearly
// the same for the rest: missing end tags are implied as the standard has it, what overlaps is cut
// at the end of the block it stands in, and what stands in a table's wrong places stays there.
// Time is linear, memory bounded (docs/decisions/0025-trees-of-our-own.md).
//
// Source: WHATWG HTML, 13.2.6.4 (the rules for parsing tokens), simplified as said.
#pragma once

#include "extractor/page/html_tags.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    HTML_TREE_MAX_BYTES = 2 * 1024 * 1024, // what is behind is not read
    HTML_TREE_MAX_NODES = 200000,          // nor what is over
    HTML_TREE_MAX_DEPTH = 256,             // deeper elements become siblings
    HTML_TREE_MAX_ATTRIBUTES = 32,         // of those of HTML_ATTRIBUTES, for one element
};

enum html_tag {
    HTML_OTHER, // an element of another name, or the document
#define X(NAME, name, flags) HTML_##NAME,
    HTML_TAGS(X)
#undef X
        HTML_TEXT,
};

// The attributes that somebody reads; others are not kept.
#define HTML_ATTRIBUTES(X)    \
    X(ABOUT, "about")         \
    X(CLASS, "class")         \
    X(CONTENT, "content")     \
    X(DATA, "data")           \
    X(DATETIME, "datetime")   \
    X(HREF, "href")           \
    X(ID, "id")               \
    X(ITEMID, "itemid")       \
    X(ITEMPROP, "itemprop")   \
    X(ITEMREF, "itemref")     \
    X(ITEMSCOPE, "itemscope") \
    X(ITEMTYPE, "itemtype")   \
    X(PROPERTY, "property")   \
    X(RESOURCE, "resource")   \
    X(SRC, "src")             \
    X(TITLE, "title")         \
    X(TYPEOF, "typeof")       \
    X(VALUE, "value")

enum html_attribute {
#define X(NAME, name) HTML_ATTRIBUTE_##NAME,
    HTML_ATTRIBUTES(X)
#undef X
        HTML_ATTRIBUTE_COUNT,
};

struct html_attribute_value {
    enum html_attribute attribute;
    struct slice raw; // character references not decoded; empty when none was given
};

struct html_node {
    enum html_tag tag;
    bool is_foreign; // of SVG or MathML
    unsigned char attribute_count;
    const struct html_attribute_value *attributes;
    // Of a text itself, of an element from the end of its start tag to its end: part of the page,
    // references not decoded.
    struct slice raw;
    struct html_node *parent, *first, *last, *next;
    void *mark; // this and the next: of whoever reads the tree
    bool is_marked;
};

// HTML_OTHER when it is no name of HTML's.
enum html_tag html_tag_of(struct slice name);

// Takes any bytes. The document itself is a node without a name; never NULL. Nodes live in the arena
// and point into the page.
struct html_node *html_tree_build(struct arena *arena, struct slice page);

// The next node of `root`'s tree in the order of the page, NULL behind the last. `skip`: not the
// ones inside of `node`.
struct html_node *html_tree_next(const struct html_node *root, const struct html_node *node,
                                 bool skip);

bool html_has_attribute(const struct html_node *node, enum html_attribute attribute);
// Decoded; absent when the element has none.
struct slice html_attribute(struct arena *arena, const struct html_node *node,
                            enum html_attribute attribute);
// Does the attribute, a list of words, have this one (ASCII case ignored)?
bool html_has_word(const struct html_node *node, enum html_attribute attribute, struct slice word);
// The words of all texts inside, decoded, with single spaces; no scripts, no styles.
struct slice html_inner_text(struct arena *arena, const struct html_node *node);
