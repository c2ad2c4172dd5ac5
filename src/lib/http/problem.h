// RFC 9457 problem answers: the one shape of every error on the wire.
#pragma once

#include "lib/http/server.h"

// One entry of `errors`: exactly one of parameter, pointer and header names the place.
struct http_problem_item {
    const char *parameter, *pointer, *header;
    const char *code; // stable, snake_case
    const char *detail;
    const char *nearest; // the nearest valid name; NULL when there is none
    // Name of a quota that was exceeded (draft-ietf-httpapi-ratelimit-headers): listed in `violated-policies`, and the
    // problem takes the type that is registered for it.
    const char *policy;
};

// The problem document of code: type, title, status, detail, code, errors, instance, request_id, retryable.
// detail and request_id may be NULL; members without a value are left out. Appends to out.
void http_problem_render(struct buffer *out, enum err code, const char *detail,
                         const char *request_id, const struct http_problem_item *items,
                         size_t count);

// Answers with it; adds Retry-After where it can help (429, 503), WWW-Authenticate on 401. Everything is copied.
void http_respond_problem(struct http_exchange *exchange, enum err code, const char *detail,
                          const struct http_problem_item *items, size_t count);

// The same with further headers (Allow, RateLimit …), which replace ours of the same name. At most 12 in all.
void http_respond_problem_with(struct http_exchange *exchange, enum err code, const char *detail,
                               const struct http_problem_item *items, size_t count,
                               const struct http_header *headers, size_t header_count);
