// Pages that carry no data until their scripts have run (RENDER=auto): the page as fetched is given to a browser
// (browser.h), which runs it. The browser asks us for whatever the page wants to load; scripts and data from allowed
// hosts are fetched under the same rules as pages, everything else is refused, and nothing else reaches the network.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    RENDER_MAX_RESOURCES = 100, // loaded for one page; further ones are refused
    RENDER_MAX_RESOURCE_BYTES = 8 * 1024 * 1024,
};

// Is this HTML nothing but a frame for scripts? It has scripts, and none of the places where pages keep
// their data: JSON-LD, Next.js data, microdata, RDFa, h-event.
bool render_is_needed(struct slice html);

// Loads what a page asks for, on the thread of render_page. The answer lives in the arena. Any error refuses it.
typedef enum err render_load(void *user, struct slice url, struct arena *arena,
                             struct slice *ret_body, struct slice *ret_content_type,
                             int *ret_status, struct error *ret_error);

struct render_options {
    const char *browser; // program; NULL: chromium
    uint32_t timeout_ms; // for everything; 0: 30 s
    uint32_t settle_ms;  // after the page has loaded: how long nothing may happen; 0: 500
    size_t max_bytes;    // of the rendered page
    const bool *cancel;  // see browser.h; may be NULL
    render_load *load;
    void *user;
};

// The document after its scripts ran, in the arena. Errors: ERR_FETCH_TIMEOUT, ERR_PAGE_TOO_LARGE, ERR_SHUTTING_DOWN,
// ERR_IO (no browser, or it crashed).
MUST_CHECK enum err render_page(const struct render_options *options, struct slice url,
                                struct slice html, struct arena *arena, struct slice *ret_html,
                                struct error *ret_error);
