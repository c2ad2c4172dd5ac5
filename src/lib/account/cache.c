#include "lib/account/cache.h"

#include "lib/base/ensure.h"

#include <stdlib.h>
#include <string.h>

// One key each; of two that meet the later one stays. A bad one costs its guesser alone.
enum { GOOD_SLOTS = 4096, BAD_SLOTS = 256 };

struct good {
    uint8_t digest[DIGEST_SHA256_BYTES];
    bool is_used;
    uint64_t until_ms;
    struct account account;
};

struct bad {
    uint8_t digest[DIGEST_SHA256_BYTES];
    uint64_t until_ms;
};

struct account_cache {
    struct good good[GOOD_SLOTS];
    struct bad bad[BAD_SLOTS];
    uint64_t generation;
};

static size_t place_of(const uint8_t digest[static DIGEST_SHA256_BYTES], size_t slots)
{
    return (digest[0] | (size_t)digest[1] << 8) % slots;
}

static bool is_of(const uint8_t digest[static DIGEST_SHA256_BYTES],
                  const uint8_t other[static DIGEST_SHA256_BYTES])
{
    return memcmp(digest, other, DIGEST_SHA256_BYTES) == 0;
}

bool account_cache_was_good(const struct account_cache *cache,
                            const uint8_t digest[static DIGEST_SHA256_BYTES])
{
    const struct good *good = &cache->good[place_of(digest, GOOD_SLOTS)];
    return good->is_used && is_of(good->digest, digest);
}

enum account_cached account_cache_find(const struct account_cache *cache,
                                       const uint8_t digest[static DIGEST_SHA256_BYTES],
                                       uint64_t now_ms, struct account *ret_account)
{
    const struct good *good = &cache->good[place_of(digest, GOOD_SLOTS)];
    const struct bad *bad = &cache->bad[place_of(digest, BAD_SLOTS)];
    if (account_cache_was_good(cache, digest) && now_ms < good->until_ms) {
        *ret_account = good->account;
        return ACCOUNT_CACHED_GOOD;
    }
    return now_ms < bad->until_ms && is_of(bad->digest, digest) ? ACCOUNT_CACHED_BAD
                                                                : ACCOUNT_CACHED_NOT;
}

uint64_t account_cache_generation(const struct account_cache *cache)
{
    return cache->generation;
}

static void store_bad(struct account_cache *cache, const uint8_t digest[static DIGEST_SHA256_BYTES],
                      uint64_t now_ms)
{
    struct bad *bad = &cache->bad[place_of(digest, BAD_SLOTS)];
    struct good *good = &cache->good[place_of(digest, GOOD_SLOTS)];
    memcpy(bad->digest, digest, sizeof bad->digest);
    bad->until_ms = now_ms + ACCOUNT_CACHE_GOOD_FOR_MS;
    if (is_of(good->digest, digest)) // it was somebody's, until now
        *good = (struct good){0};
}

void account_cache_store(struct account_cache *cache,
                         const uint8_t digest[static DIGEST_SHA256_BYTES],
                         const struct account *account, uint64_t now_ms, uint64_t expires_ms,
                         uint64_t generation)
{
    if (generation != cache->generation)
        return;
    if (!account) {
        store_bad(cache, digest, now_ms);
        return;
    }
    struct good *good = &cache->good[place_of(digest, GOOD_SLOTS)];
    uint64_t until_ms = now_ms + ACCOUNT_CACHE_GOOD_FOR_MS;
    *good = (struct good){.is_used = true,
                          .until_ms = until_ms < expires_ms ? until_ms : expires_ms,
                          .account = *account};
    memcpy(good->digest, digest, sizeof good->digest);
}

void account_cache_forget(struct account_cache *cache, struct slice key_id)
{
    cache->generation++;
    for (size_t i = 0; i < GOOD_SLOTS; i++)
        if (!key_id.ptr || slice_equal(slice_from_cstr(cache->good[i].account.key_id), key_id))
            cache->good[i] = (struct good){0};
    // Which of them the key is, its id does not say.
    memset(cache->bad, 0, sizeof cache->bad);
}

struct account_cache *account_cache_new(void)
{
    struct account_cache *cache = calloc(1, sizeof *cache);
    ensure(cache != NULL);
    return cache;
}

void account_cache_free(struct account_cache *cache)
{
    free(cache);
}
