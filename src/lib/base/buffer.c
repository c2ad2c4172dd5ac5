#include "lib/base/buffer.h"

#include "lib/base/ensure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void buffer_init(struct buffer *buffer, size_t max)
{
    *buffer = (struct buffer){.max = max};
}

void buffer_done(struct buffer *buffer)
{
    free(buffer->ptr);
    *buffer = (struct buffer){.max = buffer->max};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->overflow = false;
    if (buffer->ptr)
        buffer->ptr[0] = '\0';
}

char *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (buffer->overflow || size > buffer->max - buffer->len) {
        buffer->overflow = true;
        return NULL;
    }
    size_t needed = buffer->len + size + 1;
    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
        while (capacity < needed)
            capacity *= 2;
        char *grown = realloc(buffer->ptr, capacity);
        ensure(grown != NULL);
        buffer->ptr = grown;
        buffer->capacity = capacity;
    }
    return buffer->ptr + buffer->len;
}

void buffer_commit(struct buffer *buffer, size_t size)
{
    ensure(buffer->len + size < buffer->capacity);
    buffer->len += size;
    buffer->ptr[buffer->len] = '\0';
}

void buffer_append(struct buffer *buffer, struct slice bytes)
{
    char *room = buffer_reserve(buffer, bytes.len);
    if (!room)
        return;
    if (bytes.len)
        memcpy(room, bytes.ptr, bytes.len);
    buffer_commit(buffer, bytes.len);
}

void buffer_append_cstr(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, slice_from_cstr(text));
}

void buffer_append_char(struct buffer *buffer, char c)
{
    buffer_append(buffer, (struct slice){&c, 1});
}

void buffer_append_int(struct buffer *buffer, int64_t value)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    buffer_append(buffer, (struct slice){at, (size_t)(digits + sizeof digits - at)});
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ensure(len >= 0);
    char *room = buffer_reserve(buffer, (size_t)len);
    if (room) {
        vsnprintf(room, (size_t)len + 1, format, again);
        buffer_commit(buffer, (size_t)len);
    }
    va_end(again);
}

struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->ptr ? buffer->ptr : "", buffer->len};
}

char *buffer_take(struct buffer *buffer)
{
    char *taken = buffer->ptr;
    *buffer = (struct buffer){.max = buffer->max};
    return taken;
}
