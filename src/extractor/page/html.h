// Finds in an HTML page what the readers work on, without building its tree: one pass over the
// bytes that follows the rules of HTML's tokeniser where they decide what is markup (comments,
// raw-text elements, the escaped states of scripts, quoted attributes, foreign elements). Pages are
// 200 KB and more; a tree of them costs twenty times the time of everything else together.
//
// Source: WHATWG HTML, 13.2.5 (tokenisation) and 13.2.6.5 (foreign content).
//
// Takes any bytes. Results are slices of the page, their character references not yet decoded.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum { HTML_MAX_JSON_LD = 64, HTML_MAX_METAS = 256 };

struct html_meta {
    struct slice name; // of the attribute property, name or itemprop
    struct slice content;
};

// What is absent has a NULL pointer; of things that may occur once, the first counts.
struct html_page {
    struct slice next_data;                 // the text of <script id="__NEXT_DATA__">
    struct slice json_ld[HTML_MAX_JSON_LD]; // the texts of <script type="application/ld+json">
    size_t json_ld_count;
    struct html_meta metas[HTML_MAX_METAS]; // those with a name and a content
    size_t meta_count;
    struct slice title;     // outside of SVG
    struct slice canonical; // href of <link rel="canonical">
};

void html_scan(struct slice page, struct html_page *ret_page);

// The decoded content of the first meta with this name (ASCII case ignored); absent when there is
// none.
struct slice html_meta(struct arena *arena, const struct html_page *page, const char *name);

// Text with its character references decoded. Names that are not known stay as they are written.
struct slice html_decode_text(struct arena *arena, struct slice raw);
// The same for an attribute's value, where a name without its semicolon counts only if nothing
// follows that could belong to a query ("?a=1&copy=2" stays).
struct slice html_decode_attribute(struct arena *arena, struct slice raw);
