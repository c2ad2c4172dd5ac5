// Errors: functions that can fail return `enum err` (ERR_OK is 0) and, where a person will read the
// reason, fill a `struct error` of the caller. Errors are returned, and logged once at the border.
#pragma once

#include "lib/base/compiler.h"
#include "lib/base/error_table.h"

enum err {
    ERR_OK = 0,
#define X(name, code, status, retry, title) ERR_##name,
    ERROR_TABLE(X)
#undef X
        ERR_COUNT,
};

// May a job that failed with this error be tried again?
enum error_retry { ERROR_RETRY_NEVER, ERROR_RETRY_BACKOFF };

struct error_info {
    const char *code; // stable, snake_case
    int http_status;
    enum error_retry retry;
    const char *title; // for people
};

// One failure with its text. Zero-initialise it; detail is cut, never overrun.
struct error {
    enum err code;
    char detail[256];
};

// The row of an error; the row of ERR_OK is {"ok", 200, …}. The pointer is static.
const struct error_info *error_info(enum err code);

// The error with this `code` text; ERR_INTERNAL when there is none.
enum err error_from_code(const char *code);

// Fills ret_error (may be NULL) and returns code, so that a failing function ends with
// `return error_set(ret_error, ERR_…, "…", …);`.
enum err error_set(struct error *ret_error, enum err code, const char *format, ...)
    PRINTF_LIKE(3, 4);
