#include "lib/base/arena.h"

#include "lib/base/ensure.h"

#include <stdckdint.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { ALIGNMENT = 16, FIRST_BLOCK = 8 * 1024, LARGEST_BLOCK = 1024 * 1024 };

struct block {
    struct block *next;
    size_t size, used; // of data
    alignas(ALIGNMENT) char data[];
};

struct arena {
    struct block *blocks; // the newest first
    size_t used, max;
};

static struct block *block_new(size_t size, struct block *next)
{
    struct block *block = malloc(sizeof *block + size);
    ensure(block != NULL);
    block->next = next;
    block->size = size;
    block->used = 0;
    // Poisoned until it is handed out, so that the sanitizer sees an overrun inside a block too.
    ASAN_POISON_MEMORY_REGION(block->data, size);
    return block;
}

static void block_free(struct block *block)
{
    ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
    free(block);
}

struct arena *arena_new(size_t max_bytes)
{
    struct arena *arena = calloc(1, sizeof *arena);
    ensure(arena != NULL);
    arena->max = max_bytes;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        block_free(block);
    }
    free(arena);
}

void arena_free_cleanup(struct arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}

void arena_reset(struct arena *arena)
{
    while (arena->blocks && arena->blocks->next) {
        struct block *next = arena->blocks->next;
        block_free(arena->blocks);
        arena->blocks = next;
    }
    if (arena->blocks) {
        arena->blocks->used = 0;
        ASAN_POISON_MEMORY_REGION(arena->blocks->data, arena->blocks->size);
    }
    arena->used = 0;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

// Blocks double, so that a large arena has few of them; an allocation larger than a block gets its own.
static struct block *arena_grow(struct arena *arena, size_t size)
{
    size_t next = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (next > LARGEST_BLOCK)
        next = LARGEST_BLOCK;
    arena->blocks = block_new(size > next ? size : next, arena->blocks);
    return arena->blocks;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    // One byte more than asked keeps neighbours apart for the sanitizer and pointers of size 0 distinct.
    size_t padded;
    ensure(!ckd_add(&padded, size, ALIGNMENT));
    padded &= ~(size_t)(ALIGNMENT - 1);
    ensure(padded <= arena->max && arena->used <= arena->max - padded);
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < padded)
        block = arena_grow(arena, padded);
    char *memory = block->data + block->used;
    block->used += padded;
    arena->used += padded;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    return memset(memory, 0, size);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    ensure(!ckd_mul(&bytes, count, size));
    return arena_alloc(arena, bytes);
}

char *arena_cstr(struct arena *arena, struct slice text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_cstr(arena, slice_from_cstr(text));
}

struct slice arena_slice(struct arena *arena, struct slice text)
{
    return text.ptr ? (struct slice){arena_cstr(arena, text), text.len} : text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ensure(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}
