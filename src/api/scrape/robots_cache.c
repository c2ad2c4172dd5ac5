#include "api/scrape/robots_cache.h"

#include "lib/base/ensure.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char origin[ROBOTS_CACHE_ORIGIN_BYTES];
    size_t origin_len; // 0: free
    uint64_t used;     // the cache's count of uses when this was used last
    int64_t fetched_unix_ms;
    int status;
    char *body; // heap; NULL: absent
    size_t body_len;
};

struct robots_cache {
    pthread_mutex_t lock;
    uint64_t uses;
    struct entry entries[ROBOTS_CACHE_MAX];
};

struct robots_cache *robots_cache_new(void)
{
    struct robots_cache *cache = calloc(1, sizeof *cache);
    ensure(cache);
    ensure(pthread_mutex_init(&cache->lock, NULL) == 0);
    return cache;
}

void robots_cache_free(struct robots_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < ROBOTS_CACHE_MAX; i++)
        free(cache->entries[i].body);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct entry *find(struct robots_cache *cache, struct slice origin)
{
    for (size_t i = 0; i < ROBOTS_CACHE_MAX; i++) {
        struct entry *entry = &cache->entries[i];
        if (entry->origin_len &&
            slice_equal((struct slice){entry->origin, entry->origin_len}, origin))
            return entry;
    }
    return NULL;
}

static struct entry *make_room(struct robots_cache *cache)
{
    struct entry *oldest = &cache->entries[0];
    for (size_t i = 1; i < ROBOTS_CACHE_MAX; i++)
        if (cache->entries[i].used < oldest->used)
            oldest = &cache->entries[i];
    return oldest;
}

bool robots_cache_load(struct robots_cache *cache, struct slice origin, struct arena *arena,
                       struct robots_file *ret_file)
{
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, origin);
    if (entry) {
        entry->used = ++cache->uses;
        *ret_file = (struct robots_file){
            .fetched_unix_ms = entry->fetched_unix_ms,
            .status = entry->status,
        };
        if (entry->body)
            ret_file->body = arena_slice(arena, (struct slice){entry->body, entry->body_len});
    }
    pthread_mutex_unlock(&cache->lock);
    return entry != NULL;
}

void robots_cache_store(struct robots_cache *cache, struct slice origin,
                        const struct robots_file *file)
{
    if (origin.len == 0 || origin.len > ROBOTS_CACHE_ORIGIN_BYTES)
        return;
    char *body = NULL;
    if (file->body.ptr) {
        body = malloc(file->body.len + 1);
        ensure(body);
        memcpy(body, file->body.ptr, file->body.len);
    }
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, origin);
    if (!entry)
        entry = make_room(cache);
    free(entry->body);
    *entry = (struct entry){
        .origin_len = origin.len,
        .used = ++cache->uses,
        .fetched_unix_ms = file->fetched_unix_ms,
        .status = file->status,
        .body = body,
        .body_len = file->body.len,
    };
    memcpy(entry->origin, origin.ptr, origin.len);
    pthread_mutex_unlock(&cache->lock);
}
