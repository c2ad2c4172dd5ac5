// The extraction service: a page in, a record out, no database.
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/config/config.h"

enum { EXTRACTOR_MAX_ANSWER = 8 * 1024 * 1024 };

int extractor_run(const struct config *config); // until TERM; the exit status

// The work itself, without a server: appends the record of a page to ret_json (a buffer of EXTRACTOR_MAX_ANSWER), as
// POST /extract answers it. url, where the page was fetched, may be absent. Fails with ERR_PAGE_TOO_LARGE.
// In this very process.
MUST_CHECK enum err extractor_answer(struct slice html, struct slice url, struct buffer *ret_json,
                                     struct error *ret_error);
// The same in a process of its own that is locked in (extractor/sandbox), unless EXTRACTOR_SANDBOX is off: for programs that
// read one page. Fails besides with ERR_PARSE_ERROR (reading it ended that process), ERR_TIMEOUT, ERR_IO, ERR_CONFIG_INVALID.
MUST_CHECK enum err extractor_answer_apart(const struct config *config, struct slice html,
                                           struct slice url, struct buffer *ret_json,
                                           struct error *ret_error);
// What `eventd extract-child` is: see extractor/sandbox/template.h.
int extractor_child_run(void);
