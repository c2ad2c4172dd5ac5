// What an answer to a page request means. Pure functions.
#pragma once

#include "lib/base/error.h"
#include "lib/base/slice.h"

#include <stdbool.h>

struct answer_meaning {
    enum err err;     // ERR_OK: a page, or a 304
    bool retry;       // trying again later can help
    const char *text; // for people; NULL with ERR_OK
};

// By its status alone. asked_conditionally: a 304 was asked for. Redirects are the caller's: of their
// statuses only one without a usable Location comes here.
struct answer_meaning fetch_status_meaning(int status, bool asked_conditionally);

bool fetch_is_redirect(int status); // 301, 302, 303, 307, 308

// Is it an HTML page, by the declared type (absent: unknown) and by its first bytes? An empty body is not.
bool fetch_is_html(struct slice content_type, struct slice body);

// Does this path lead to a sign-in page ("/signin?next=…", "/auth/login")?
bool fetch_is_login_path(struct slice path);
