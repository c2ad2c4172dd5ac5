// Limits that hold over all processes: each window of a subject is one row (quota_windows), and every loop takes portions
// of it and lets requests through on its own until they are used up. A portion is a tenth of what is left, at most 50:
// so the sum never exceeds the limit, one statement serves many requests, and what a loop holds unused when another one
// has to refuse becomes small as the window runs out.
#pragma once

#include "lib/base/error.h"
#include "lib/db/pipeline.h"

struct quota_policy {
    const char *name; // "requests", "scrapes": for headers and rows
    int64_t limit;    // 0: none
    int window_s;
};

struct quota_state {
    bool allowed;
    int64_t remaining; // about; of the window, after this
    int reset_s;       // until the next window
};

struct quota_book;

struct quota_book *quota_book_new(struct db_pipeline *db);
// After db_pipeline_free. Those who still wait are told ERR_SHUTTING_DOWN.
void quota_book_free(struct quota_book *book);

typedef void quota_done(void *data, const struct quota_state *state, const struct error *error);
// Takes `amount` of the subject's window, all or nothing; calls done once, at once or later on the loop. Errors:
// ERR_OVERLOADED when too many wait already, those of the database.
void quota_take(struct quota_book *book, struct slice subject, const struct quota_policy *policy,
                int64_t amount, quota_done *done, void *data);

// Is there, as far as this loop knows without asking, nothing left of the subject's window? ret_state is filled then.
bool quota_is_spent(const struct quota_book *book, struct slice subject,
                    const struct quota_policy *policy, struct quota_state *ret_state);
