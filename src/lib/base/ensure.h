// Assertions that stay on in production: a broken invariant ends the process, and the supervisor
// starts a new one. Never for bad input, which is an error (error.h).
#pragma once

[[noreturn]] void ensure_failed(const char *condition, const char *file, int line,
                                const char *function);

#define ensure(condition) \
    ((condition) ? (void)0 : ensure_failed(#condition, __FILE__, __LINE__, __func__))
