// What HTTP client and server share: methods, header lists, status texts.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum http_method {
    HTTP_METHOD_GET,
    HTTP_METHOD_HEAD,
    HTTP_METHOD_POST,
    HTTP_METHOD_PUT,
    HTTP_METHOD_PATCH,
    HTTP_METHOD_DELETE,
    HTTP_METHOD_OPTIONS,
    HTTP_METHOD_OTHER, // answered 405 or 501
    HTTP_METHOD_COUNT,
};
const char *http_method_name(enum http_method method); // "GET"

struct http_header {
    struct slice name, value;
};

struct http_headers {
    struct http_header *items;
    size_t count;
};
// The value of the first header of that name (any case); absent when there is none.
struct slice http_header_get(const struct http_headers *headers, const char *name);

// "Not Found"; "Unknown" for what RFC 9110, 6585 and 7725 do not name.
const char *http_status_text(int status);

// Percent-decodes; with plus_is_space also '+' (form and query encoding). Bad escapes stay as they are.
// Text with nothing to decode is returned as it is, without a copy.
struct slice http_url_decode(struct arena *arena, struct slice text, bool plus_is_space);

// Takes the next name=value off *rest, both decoded; false when *rest is used up. Empty parts ("a&&b") are
// passed over; a name without '=' has an empty value.
bool http_query_next(struct arena *arena, struct slice *rest, struct http_header *ret_pair);
