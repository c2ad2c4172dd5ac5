#include "lib/base/error.h"

#include "lib/base/ensure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct error_info error_infos[ERR_COUNT] = {
    [ERR_OK] = {"ok", 200, ERROR_RETRY_NEVER, "OK"},
#define X(name, code, status, retry, title) \
    [ERR_##name] = {code, status, ERROR_RETRY_##retry, title},
    ERROR_TABLE(X)
#undef X
};

const struct error_info *error_info(enum err code)
{
    ensure(code < ERR_COUNT);
    return &error_infos[code];
}

enum err error_from_code(const char *code)
{
    for (enum err e = ERR_OK; e < ERR_COUNT; e++)
        if (strcmp(error_infos[e].code, code) == 0)
            return e;
    return ERR_INTERNAL;
}

enum err error_set(struct error *ret_error, enum err code, const char *format, ...)
{
    if (!ret_error)
        return code;
    ret_error->code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(ret_error->detail, sizeof ret_error->detail, format, args);
    va_end(args);
    return code;
}
