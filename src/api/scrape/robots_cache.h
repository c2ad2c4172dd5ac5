// robots.txt files of the last hours, in memory: what a fetcher uses unless it is given another store.
// Shared by the workers of a process; thread-safe; at most ROBOTS_CACHE_MAX origins, the one that was
// asked for longest ago makes room.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum { ROBOTS_CACHE_MAX = 64, ROBOTS_CACHE_ORIGIN_BYTES = 320 };

// What came back for /robots.txt of one origin, and when.
struct robots_file {
    int64_t fetched_unix_ms;
    int status;        // HTTP status of the last answer; 0: none came
    struct slice body; // of a 2xx answer, at most ROBOTS_MAX_BYTES and a little; otherwise absent
};

struct robots_cache;

struct robots_cache *robots_cache_new(void);
void robots_cache_free(struct robots_cache *cache); // NULL is fine

// origin: "https://luma.com". The body is copied to the arena.
MUST_CHECK bool robots_cache_load(struct robots_cache *cache, struct slice origin,
                                  struct arena *arena, struct robots_file *ret_file);
// Copies. Origins longer than any host's are passed over.
void robots_cache_store(struct robots_cache *cache, struct slice origin,
                        const struct robots_file *file);
