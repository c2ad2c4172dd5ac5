// The tokens of HTML: what the scanner (html.h) and the tree (html_tree.h) are made of. Each
// function takes something off the front of *rest; any bytes are fine.
//
// Source: WHATWG HTML, 13.2.5 (tokenisation) and 13.2.6.5 (foreign content).
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

bool html_is_space(char c);
bool html_is_letter(char c);

void html_advance(struct slice *rest, size_t count);
// Goes behind the next `mark`, or to the end of the page: what does not end there swallows the
// rest.
void html_skip_past_char(struct slice *rest, char mark);
void html_skip_past(struct slice *rest, struct slice mark);
// At "<!--".
void html_skip_comment(struct slice *rest);

// Behind "<" or "</".
struct slice html_take_tag_name(struct slice *rest);
// At anything in a tag that is no white space, "/" or ">".
struct slice html_take_attribute_name(struct slice *rest);
// Behind an attribute's name; absent when no value is given. Character references stay.
struct slice html_take_attribute_value(struct slice *rest);

// The text up to "</name", which is left for the caller; to the end of the page when there is none.
// Names are those of HTML's own raw-text elements, at most 14 bytes.
struct slice html_take_raw_text(struct slice *rest, struct slice name);
// A script's text: behind "<!--" a "<script" hides its own "</script" (13.2.5.17 to 13.2.5.31).
struct slice html_take_script(struct slice *rest);

// Is it the name of a start tag that cannot be in foreign content and ends it (13.2.6.5)?
bool html_ends_foreign(struct slice name);
