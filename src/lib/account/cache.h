// What a loop remembers of keys, by the SHA-256 of the whole key: whose they are, and which are nobody's. Good and bad ones
// have rooms of their own, so that somebody who guesses keys cannot push good ones out. Times are clock_monotonic_ms.
#pragma once

#include "lib/account/account.h"

enum { ACCOUNT_CACHE_GOOD_FOR_MS = 5000 };

enum account_cached {
    ACCOUNT_CACHED_NOT, // look it up
    ACCOUNT_CACHED_GOOD,
    ACCOUNT_CACHED_BAD, // nobody's
};

struct account_cache;

struct account_cache *account_cache_new(void);
void account_cache_free(struct account_cache *cache);

enum account_cached account_cache_find(const struct account_cache *cache,
                                       const uint8_t digest[static DIGEST_SHA256_BYTES],
                                       uint64_t now_ms, struct account *ret_account);
// Was it good when it was looked up last, however long ago? Not after it was forgotten.
bool account_cache_was_good(const struct account_cache *cache,
                            const uint8_t digest[static DIGEST_SHA256_BYTES]);

// To be read when a lookup begins. What keys were like is stored only if nothing was forgotten since: else the answer may
// be older than the change.
uint64_t account_cache_generation(const struct account_cache *cache);
// account NULL: nobody's. A good one is believed until expires_ms at the longest (UINT64_MAX: it does not expire).
void account_cache_store(struct account_cache *cache,
                         const uint8_t digest[static DIGEST_SHA256_BYTES],
                         const struct account *account, uint64_t now_ms, uint64_t expires_ms,
                         uint64_t generation);
// The key of this id has changed; absent: perhaps all of them.
void account_cache_forget(struct account_cache *cache, struct slice key_id);
