// Buffer: growing bytes with a maximum. What would pass the maximum is dropped and `overflow` stays
// set, so that callers append without checks and look once at the end.
#pragma once

#include "lib/base/compiler.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *ptr; // heap; NULL while nothing was written; always zero-terminated otherwise
    size_t len, capacity, max;
    bool overflow;
};

void buffer_init(struct buffer *buffer, size_t max);
void buffer_done(struct buffer *buffer);  // frees; the buffer may be initialised again
void buffer_clear(struct buffer *buffer); // empty, memory kept, overflow forgotten

void buffer_append(struct buffer *buffer, struct slice bytes);
void buffer_append_cstr(struct buffer *buffer, const char *text);
void buffer_append_char(struct buffer *buffer, char c);
void buffer_append_int(struct buffer *buffer, int64_t value);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

// Room for `size` more bytes at the end, to be filled and then added with buffer_commit; NULL (and
// overflow set) when it would pass the maximum.
char *buffer_reserve(struct buffer *buffer, size_t size);
void buffer_commit(struct buffer *buffer, size_t size);

// The bytes written so far; valid until the next append.
struct slice buffer_slice(const struct buffer *buffer);
// Gives the memory away (free with free()); the buffer is empty afterwards. Never NULL unless empty.
char *buffer_take(struct buffer *buffer);
