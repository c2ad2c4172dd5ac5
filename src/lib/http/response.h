// One answer, from what a handler says to the bytes on the wire. Private to the server.
#pragma once

#include "lib/http/etag.h"
#include "lib/http/exchange.h"

// Everything decided about an answer; written out by http_reply_write. Borrows from the response, and the
// body perhaps from the encoder, until then.
struct http_reply {
    const struct http_response *response;
    const struct exchange *exchange;
    int status;                  // 304 where the client has it already
    struct slice body;           // in its coding; of HEAD too, for its length
    enum http_encoding encoding; // of body
    bool varies;                 // the coding was negotiated
    struct http_etag etag;
    bool close;      // the connection ends with it
    bool is_stream;  // the body follows, its length is not known
    size_t size_max; // that http_reply_write may need
};

struct http_reply http_reply_decide(const struct exchange *exchange,
                                    const struct http_response *response,
                                    struct http_encoder *encoder, bool close);
// That of an answer that lasts: a header that says so, and no body.
struct http_reply http_reply_of_stream(const struct exchange *exchange,
                                       const struct http_response *response, bool close);
// Writes header and body; gives their length. date is an IMF-fixdate.
size_t http_reply_write(const struct http_reply *reply, struct slice date, char *out);
// The bytes of the body that go out: none for HEAD and 304.
size_t http_reply_body_bytes(const struct http_reply *reply);

enum { HTTP_DATE_TEXT = 30 }; // "Sun, 06 Nov 1994 08:49:37 GMT" and its terminator
void http_format_date(int64_t unix_s, char ret_text[static HTTP_DATE_TEXT]);
