// Entity tags (RFC 9110 section 8.8.3) and If-None-Match (section 13.1.2).
#pragma once

#include "lib/base/slice.h"
#include "lib/http/encoding.h"

#include <stdbool.h>

enum { HTTP_ETAG_MAX = 128 };

// One tag with its quotes; len 0 is "no tag".
struct http_etag {
    char text[HTTP_ETAG_MAX];
    size_t len;
};

// The strong tag of a body: 128 bits of a fast hash of it. Not for secrets, nor against somebody who
// writes the body to collide.
struct http_etag http_etag_of_body(struct slice body);

// A tag somebody else chose ("v7", W/"v7"); no tag when it is not one or too long.
struct http_etag http_etag_from_text(struct slice text);

// The tag of the same content in another coding, which is another representation: "abc" gives "abc-gzip".
struct http_etag http_etag_for_encoding(struct http_etag tag, enum http_encoding encoding);

// Does If-None-Match (a list, or "*") name the tag? Weak comparison: W/ is passed over. The absent slice
// matches nothing.
bool http_etag_matches(struct slice if_none_match, const struct http_etag *tag);
