// The extraction service's work without its server: what POST /extract and `eventd extract` do.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"

enum { EXTRACT_MAX_BODY = 16 * 1024 * 1024, EXTRACT_MAX_ANSWER = 8 * 1024 * 1024 };

// Decodes {"html": "…", "url": "…"?}, extracts and appends the answer to ret_json (a buffer of EXTRACT_MAX_ANSWER). The
// arena has EXTRACT_ARENA_BYTES (extract.h) and may be reset afterwards. Fails with ERR_INVALID_JSON, ERR_MISSING_FIELD or
// ERR_INVALID_FIELD (the detail begins with the JSON pointer of the field), ERR_PAYLOAD_TOO_LARGE, ERR_PAGE_TOO_LARGE.
MUST_CHECK enum err extract_handle(struct slice body_json, struct arena *arena,
                                   struct buffer *ret_json, struct error *ret_error);

// Reads a page from a file (plain or gzip; "-" is standard input), extracts and appends the answer to ret_json. url
// may be absent. Fails with ERR_IO besides the errors of a page.
MUST_CHECK enum err extract_file(const char *path, struct slice url, struct buffer *ret_json,
                                 struct error *ret_error);
