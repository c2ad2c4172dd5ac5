// A headless Chromium, driven over its DevTools pipe: commands on its descriptor 3, answers and events on 4, each JSON
// text ended by a zero byte (https://chromedevtools.github.io/devtools-protocol/). It runs as nobody when we are root, in
// a folder of its own that goes with it, and cannot resolve any name: what a page may load is given to it by its
// caller (render.h).
#pragma once

#include "lib/base/error.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct browser;

struct browser_options {
    const char *path;         // the program, or a name to be found in PATH
    size_t max_message_bytes; // of one answer; a longer one ends the conversation
    uint64_t deadline_ms; // clock_monotonic_ms: everything below fails with ERR_FETCH_TIMEOUT then
    const bool *cancel;   // atomically set: ERR_SHUTTING_DOWN within 200 ms; may be NULL
};

// ERR_IO when it cannot be started (that it is not installed shows at the first receive: ERR_IO too).
MUST_CHECK enum err browser_start(const struct browser_options *options, struct browser **ret,
                                  struct error *ret_error);
// Kills it and everything it has started, and removes its folder. NULL is fine.
void browser_stop(struct browser *browser);

// Sends a command; params is a JSON object, session the absent slice for the browser itself. ret_id (may be NULL) is
// the "id" of the answer.
MUST_CHECK enum err browser_send(struct browser *browser, const char *method, struct slice session,
                                 struct slice params, int64_t *ret_id, struct error *ret_error);
// The next message; valid until the next call. Waits until the deadline, or until wait_ms have passed (0: no such
// limit), which gives an absent slice.
MUST_CHECK enum err browser_receive(struct browser *browser, uint32_t wait_ms,
                                    struct slice *ret_message, struct error *ret_error);
