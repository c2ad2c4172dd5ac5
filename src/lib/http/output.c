#include "lib/http/output.h"

#include "lib/base/ensure.h"

#include <stdlib.h>
#include <string.h>

enum { USUAL_BYTES = 16 * 1024, KEPT_CHUNKS = 256 };

struct http_chunk *http_chunk_new(size_t capacity)
{
    struct http_chunk *chunk = malloc(sizeof *chunk + capacity);
    ensure(chunk != NULL);
    *chunk = (struct http_chunk){.capacity = capacity};
    return chunk;
}

static struct http_chunk *take_chunk(struct http_chunk_pool *pool, size_t size)
{
    if (size > USUAL_BYTES)
        return http_chunk_new(size);
    struct http_chunk *chunk = pool->free;
    if (!chunk)
        return http_chunk_new(USUAL_BYTES);
    pool->free = chunk->next;
    pool->free_count--;
    *chunk = (struct http_chunk){.capacity = USUAL_BYTES};
    return chunk;
}

void http_chunk_free(struct http_chunk_pool *pool, struct http_chunk *chunk)
{
    if (!chunk)
        return;
    if (chunk->capacity != USUAL_BYTES || pool->free_count == KEPT_CHUNKS) {
        free(chunk);
        return;
    }
    chunk->next = pool->free;
    pool->free = chunk;
    pool->free_count++;
}

void http_chunk_pool_done(struct http_chunk_pool *pool)
{
    for (struct http_chunk *chunk = pool->free, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *pool = (struct http_chunk_pool){0};
}

char *http_output_reserve(struct http_output *output, struct http_chunk_pool *pool, size_t size)
{
    struct http_chunk *last = output->last;
    if (!last || last->capacity - last->len < size) {
        http_output_push(output, take_chunk(pool, size));
        last = output->last;
    }
    return last->data + last->len;
}

void http_output_commit(struct http_output *output, size_t size)
{
    struct http_chunk *last = output->last;
    ensure(last && last->capacity - last->len >= size);
    last->len += size;
    output->bytes += size;
}

void http_output_append(struct http_output *output, struct http_chunk_pool *pool,
                        struct slice bytes)
{
    memcpy(http_output_reserve(output, pool, bytes.len), bytes.ptr, bytes.len);
    http_output_commit(output, bytes.len);
}

void http_output_push(struct http_output *output, struct http_chunk *chunk)
{
    if (output->last)
        output->last->next = chunk;
    else
        output->first = chunk;
    output->last = chunk;
    output->bytes += chunk->len;
}

void http_output_move(struct http_output *output, struct http_output *from)
{
    if (!from->first)
        return;
    if (output->last)
        output->last->next = from->first;
    else
        output->first = from->first;
    output->last = from->last;
    output->bytes += from->bytes;
    *from = (struct http_output){0};
}

unsigned http_output_peek(const struct http_output *output, uv_buf_t *bufs, unsigned max)
{
    unsigned count = 0;
    for (struct http_chunk *c = output->first; c && count < max; c = c->next)
        if (c->len > c->sent)
            bufs[count++] = (uv_buf_t){.base = c->data + c->sent, .len = c->len - c->sent};
    return count;
}

void http_output_consume(struct http_output *output, struct http_chunk_pool *pool, size_t size)
{
    ensure(size <= output->bytes);
    output->bytes -= size;
    for (struct http_chunk *c = output->first; c; c = output->first) {
        size_t left = c->len - c->sent;
        if (size < left) {
            c->sent += size;
            return;
        }
        size -= left;
        output->first = c->next;
        if (!output->first)
            output->last = NULL;
        http_chunk_free(pool, c);
    }
}

void http_output_clear(struct http_output *output, struct http_chunk_pool *pool)
{
    http_output_consume(output, pool, output->bytes);
}
