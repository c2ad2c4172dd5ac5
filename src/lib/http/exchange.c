#include "lib/http/exchange.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"

// Only there to end a runaway: bodies are limited when they arrive, and reading the largest JSON body
// takes less than a tenth of it.
static const size_t ARENA_MAX_BYTES = (size_t)4 << 30;

struct exchange *exchange_new(struct exchange_pool *pool)
{
    struct arena *arena =
        pool->free_count ? pool->free[--pool->free_count] : arena_new(ARENA_MAX_BYTES);
    struct exchange *exchange = ARENA_NEW(arena, struct exchange);
    exchange->shown.arena = arena;
    exchange->shown.method = HTTP_METHOD_OTHER;
    exchange->shown.started_ns = clock_monotonic_ns();
    pool->live++;
    return exchange;
}

void exchange_free(struct exchange_pool *pool, struct exchange *exchange)
{
    if (!exchange)
        return;
    struct arena *arena = exchange->shown.arena;
    buffer_done(&exchange->long_body);
    if (pool->free_count < ARRAY_LEN(pool->free)) {
        arena_reset(arena);
        pool->free[pool->free_count++] = arena;
    } else {
        arena_free(arena);
    }
    ensure(pool->live > 0);
    pool->live--;
}

void exchange_pool_done(struct exchange_pool *pool)
{
    ensure(pool->live == 0);
    while (pool->free_count)
        arena_free(pool->free[--pool->free_count]);
}
