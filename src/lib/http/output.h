// Bytes on their way to one client: a list of chunks, sent together by one writev. Private to the server.
#pragma once

#include "lib/base/slice.h"

#include <stddef.h>
#include <uv.h>

struct http_chunk {
    struct http_chunk *next;
    size_t len, sent, capacity; // of data
    char data[];
};

// Chunks of the usual size, kept for the next answers.
struct http_chunk_pool {
    struct http_chunk *free;
    size_t free_count;
};
void http_chunk_pool_done(struct http_chunk_pool *pool);

// One with exactly that capacity, for an answer that waits for its turn.
struct http_chunk *http_chunk_new(size_t capacity);
void http_chunk_free(struct http_chunk_pool *pool, struct http_chunk *chunk); // NULL is fine

struct http_output {
    struct http_chunk *first, *last;
    size_t bytes; // not sent yet
};

// Room for size bytes behind what is there; to be filled, then added with http_output_commit.
char *http_output_reserve(struct http_output *output, struct http_chunk_pool *pool, size_t size);
void http_output_commit(struct http_output *output, size_t size);
void http_output_append(struct http_output *output, struct http_chunk_pool *pool,
                        struct slice bytes);
void http_output_push(struct http_output *output, struct http_chunk *chunk); // takes it over

// Appends all of `from`, which is empty afterwards.
void http_output_move(struct http_output *output, struct http_output *from);

// Points bufs at the first chunks; gives their number.
unsigned http_output_peek(const struct http_output *output, uv_buf_t *bufs, unsigned max);
// The first `size` bytes are out: frees the chunks that are done with.
void http_output_consume(struct http_output *output, struct http_chunk_pool *pool, size_t size);
void http_output_clear(struct http_output *output, struct http_chunk_pool *pool);
