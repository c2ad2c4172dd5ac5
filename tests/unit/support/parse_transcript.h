// What the request parser makes of some bytes, as text: for its tests and its fuzz target.
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/ensure.h"
#include "lib/http/request_parser.h"

#include <stdlib.h>
#include <string.h>

// Feeds bytes in pieces of at most `piece` (0: all at once), each in memory of exactly its size, so that the
// sanitizer sees a step beyond. Appends a line per request: "GET /path?query|Name:value,…|body|keep\n", and "!code\n"
// or "!code detail\n" where parsing ends.
static inline void transcript_line(const struct exchange *exchange, struct buffer *out)
{
    const struct http_exchange *shown = &exchange->shown;
    ensure(shown->request_id.len > 0 && shown->path.len > 0 && exchange->is_complete);
    buffer_printf(out, "%s %.*s", http_method_name(shown->method), SLICE_FMT(shown->path));
    if (shown->query.ptr)
        buffer_printf(out, "?%.*s", SLICE_FMT(shown->query));
    buffer_append_char(out, '|');
    for (size_t i = 0; i < shown->headers.count; i++)
        buffer_printf(out, "%s%.*s:%.*s", i ? "," : "", SLICE_FMT(shown->headers.items[i].name),
                      SLICE_FMT(shown->headers.items[i].value));
    buffer_append_char(out, '|');
    buffer_append(out, shown->body);
    buffer_append_cstr(out, exchange->keep_alive ? "|keep\n" : "|close\n");
}

static inline void transcript_of(struct slice bytes, size_t piece,
                                 const struct http_request_limits *limits, bool with_detail,
                                 struct buffer *out)
{
    struct exchange_pool pool = {0};
    struct http_request_parser parser;
    http_request_parser_init(&parser, limits, &pool);
    bool over = false;
    while (bytes.len && !over) {
        size_t len = piece && piece < bytes.len ? piece : bytes.len;
        char *copy = malloc(len);
        ensure(copy != NULL);
        memcpy(copy, bytes.ptr, len);
        bytes = slice_sub(bytes, len, SIZE_MAX);
        struct slice rest = {copy, len};
        while (rest.len && !over) {
            enum http_parse_result result = http_request_parser_feed(&parser, &rest);
            ensure(rest.ptr >= copy && rest.ptr + rest.len <= copy + len);
            struct exchange *exchange =
                result == HTTP_PARSE_MORE ? NULL : http_request_parser_take(&parser);
            if (result == HTTP_PARSE_DONE) {
                transcript_line(exchange, out);
                over = !exchange->keep_alive;
            } else if (result == HTTP_PARSE_BAD) {
                ensure(parser.error != ERR_OK && parser.detail && exchange &&
                       exchange->shown.request_id.len);
                buffer_printf(out, "!%s", error_info(parser.error)->code);
                if (with_detail)
                    buffer_printf(out, " %s", parser.detail);
                buffer_append_char(out, '\n');
                over = true;
            }
            exchange_free(&pool, exchange);
        }
        free(copy);
    }
    http_request_parser_done(&parser);
    exchange_pool_done(&pool);
}
