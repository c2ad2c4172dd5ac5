#include "api/scrape/proxy_pool.h"

#include "lib/base/ensure.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct proxy {
    char url[PROXY_POOL_URL_BYTES];
    char name[PROXY_POOL_URL_BYTES];
    uint64_t rests_until_ms;
    uint32_t failures_in_a_row;
    uint64_t requests, failures;
};

struct proxy_pool {
    pthread_mutex_t lock; // of all that changes: the health, and whose turn it is
    size_t next;
    size_t count;
    struct proxy *items; // urls and names never change
};

static void free_handle(CURLU **handle)
{
    curl_url_cleanup(*handle);
}

static void free_text(char **text)
{
    curl_free(*text);
}

static bool is_known_scheme(const char *scheme)
{
    static const char *const schemes[] = {"http", "https", "socks5", "socks5h"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (strcmp(scheme, schemes[i]) == 0)
            return true;
    return false;
}

// The port is not left to a default: libcurl's is 1080 where people expect 80, 443 or 3128.
static bool read_proxy(struct slice text, struct proxy *ret_proxy)
{
    struct proxy proxy = {0};
    if (text.len >= sizeof proxy.url || memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(proxy.url, text.ptr, text.len);
    CLEANUP(free_handle) CURLU *handle = curl_url();
    ensure(handle);
    CLEANUP(free_text) char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL;
    if (curl_url_set(handle, CURLUPART_URL, proxy.url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        !is_known_scheme(scheme) || curl_url_get(handle, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(handle, CURLUPART_PORT, &port, 0) != CURLUE_OK ||
        curl_url_get(handle, CURLUPART_PATH, &path, 0) != CURLUE_OK || strcmp(path, "/") != 0)
        return false;
    snprintf(proxy.name, sizeof proxy.name, "%s://%s:%s", scheme, host, port);
    *ret_proxy = proxy;
    return true;
}

// The next word of a list that commas and white space separate; false at its end.
static bool next_word(struct slice *rest, struct slice *ret_word)
{
    static const char separators[] = ", \t\r\n";
    size_t at = 0, len = 0;
    while (at < rest->len && memchr(separators, rest->ptr[at], sizeof separators - 1))
        at++;
    while (at + len < rest->len && !memchr(separators, rest->ptr[at + len], sizeof separators - 1))
        len++;
    *ret_word = slice_sub(*rest, at, len);
    *rest = slice_sub(*rest, at + len, SIZE_MAX);
    return len > 0;
}

static struct proxy_pool *new_pool(void)
{
    struct proxy_pool *pool = calloc(1, sizeof *pool);
    ensure(pool);
    pool->items = calloc(PROXY_POOL_MAX, sizeof *pool->items);
    ensure(pool->items);
    ensure(pthread_mutex_init(&pool->lock, NULL) == 0);
    return pool;
}

enum err proxy_pool_new(struct slice list, struct proxy_pool **ret_pool, struct error *ret_error)
{
    struct proxy_pool *pool = new_pool();
    struct slice word;
    enum err err = ERR_OK;
    while (err == ERR_OK && next_word(&list, &word)) {
        if (pool->count == PROXY_POOL_MAX)
            err = error_set(ret_error, ERR_CONFIG_INVALID, "more than %d proxies", PROXY_POOL_MAX);
        else if (!read_proxy(word, &pool->items[pool->count]))
            err = error_set(ret_error, ERR_CONFIG_INVALID,
                            "proxy %zu of the list is not of the form "
                            "http|https|socks5|socks5h://[user:password@]host:port",
                            pool->count + 1);
        else
            pool->count++;
    }
    if (err != ERR_OK || pool->count == 0) {
        proxy_pool_free(pool);
        pool = NULL;
    }
    *ret_pool = pool;
    return err;
}

void proxy_pool_free(struct proxy_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_destroy(&pool->lock);
    free(pool->items);
    free(pool);
}

size_t proxy_pool_count(const struct proxy_pool *pool)
{
    return pool ? pool->count : 0;
}

const char *proxy_pool_url(const struct proxy_pool *pool, size_t number)
{
    ensure(number < pool->count);
    return pool->items[number].url;
}

const char *proxy_pool_name(const struct proxy_pool *pool, size_t number)
{
    ensure(number < pool->count);
    return pool->items[number].name;
}

bool proxy_pool_take(struct proxy_pool *pool, uint64_t now_ms, size_t *ret_number,
                     uint32_t *ret_wait_ms)
{
    uint64_t first_back_ms = UINT64_MAX;
    bool found = false;
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < pool->count && !found; i++) {
        size_t number = (pool->next + i) % pool->count;
        struct proxy *proxy = &pool->items[number];
        if (proxy->rests_until_ms > now_ms) {
            if (proxy->rests_until_ms < first_back_ms)
                first_back_ms = proxy->rests_until_ms;
            continue;
        }
        pool->next = (number + 1) % pool->count;
        *ret_number = number;
        found = true;
    }
    pthread_mutex_unlock(&pool->lock);
    *ret_wait_ms = found ? 0 : (uint32_t)(first_back_ms - now_ms);
    return found;
}

static uint64_t rest_ms(uint32_t failures_in_a_row)
{
    uint64_t rest = PROXY_POOL_FIRST_REST_MS;
    for (uint32_t i = 1; i < failures_in_a_row && rest < PROXY_POOL_LONGEST_REST_MS; i++)
        rest *= 2;
    return rest < PROXY_POOL_LONGEST_REST_MS ? rest : PROXY_POOL_LONGEST_REST_MS;
}

void proxy_pool_report(struct proxy_pool *pool, size_t number, bool worked, uint64_t now_ms)
{
    ensure(number < pool->count);
    pthread_mutex_lock(&pool->lock);
    struct proxy *proxy = &pool->items[number];
    proxy->requests++;
    if (worked) {
        proxy->failures_in_a_row = 0;
        proxy->rests_until_ms = 0;
    } else if (proxy->rests_until_ms > now_ms) {
        // Another worker's request was under way when it failed: the same failure, not the next one.
        proxy->failures++;
    } else {
        proxy->failures++;
        proxy->failures_in_a_row++;
        proxy->rests_until_ms = now_ms + rest_ms(proxy->failures_in_a_row);
    }
    pthread_mutex_unlock(&pool->lock);
}

struct proxy_state proxy_pool_state(struct proxy_pool *pool, size_t number, uint64_t now_ms)
{
    ensure(number < pool->count);
    pthread_mutex_lock(&pool->lock);
    const struct proxy *proxy = &pool->items[number];
    struct proxy_state state = {
        .failures_in_a_row = proxy->failures_in_a_row,
        .rests_ms = proxy->rests_until_ms > now_ms ? (uint32_t)(proxy->rests_until_ms - now_ms) : 0,
        .requests = proxy->requests,
        .failures = proxy->failures,
    };
    pthread_mutex_unlock(&pool->lock);
    return state;
}
