// Content codings of answers: which one a client takes (RFC 9110 section 12.5.3), which bodies are worth
// it, and the compressors, kept because setting one up costs more than compressing a small body.
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>

enum http_encoding {
    HTTP_ENCODING_IDENTITY,
    HTTP_ENCODING_GZIP, // RFC 1952
    HTTP_ENCODING_ZSTD, // RFC 8878
    HTTP_ENCODING_COUNT,
};
const char *http_encoding_name(enum http_encoding encoding); // "gzip"

// The best coding for the value of Accept-Encoding: the client's highest weight, zstd before gzip where
// they are equal. Identity when it is absent or allows nothing we have.
enum http_encoding http_encoding_choose(struct slice accept_encoding);

// Does compressing bodies of this media type pay? Text, JSON, XML and their relatives.
bool http_encoding_suits(struct slice content_type);

struct http_encoder; // of one thread

struct http_encoder *http_encoder_new(void);
void http_encoder_free(struct http_encoder *encoder);
// The compressed body, valid until the next call. encoding is not HTTP_ENCODING_IDENTITY.
struct slice http_encoder_run(struct http_encoder *encoder, enum http_encoding encoding,
                              struct slice body);
