// Arena: memory with one lifetime (a request, a job, a page). Allocations are never freed one by one;
// arena_reset or arena_free ends them all. Allocation never returns NULL: input sizes are limited at
// the border, and an arena that passes its maximum is a broken invariant (ensure).
// Not thread-safe. Memory is 16-byte aligned and zeroed.
#pragma once

#include "lib/base/compiler.h"
#include "lib/base/slice.h"

#include <stdarg.h>
#include <stddef.h>

struct arena;

// max_bytes: all that may be allocated until the next reset.
struct arena *arena_new(size_t max_bytes);
void arena_free(struct arena *arena);          // NULL is fine
void arena_free_cleanup(struct arena **arena); // for CLEANUP()
void arena_reset(struct arena *arena);         // keeps the first block for the next use
size_t arena_used(const struct arena *arena);  // bytes handed out since the last reset

void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size); // overflow-checked
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_alloc_array((arena), (count), sizeof(type)))

// Copies; the char * forms are zero-terminated, and so is the byte behind arena_slice's copy.
char *arena_strdup(struct arena *arena, const char *text);
char *arena_cstr(struct arena *arena, struct slice text);
struct slice arena_slice(struct arena *arena, struct slice text);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
